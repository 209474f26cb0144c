"""What a person reads."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from wan_notebook.model.formatting import resume_call


@given(st.text())
def test_resume_call_quotes_its_id(job_id: str) -> None:
    """The code that is printed for a job is one call with its id, whatever a service has put into the id."""
    call = ast.parse(resume_call(job_id), mode="eval").body
    assert isinstance(call, ast.Call)
    assert [ast.literal_eval(argument) for argument in call.args] == [job_id]
