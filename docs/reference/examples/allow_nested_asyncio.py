import asyncio

import wan_notebook as wan

try:
    wan.allow_nested_asyncio()  # only for code of yours that calls asyncio.run in a cell
except wan.errors.NestingRefused as refused:
    print(refused)
asyncio.run(asyncio.sleep(0, "done"))  # → "done"
