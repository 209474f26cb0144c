"""The settings of Sphinx, which builds the site from the staged pages."""

import wan_notebook

project = "wan-notebook"
author = "the wan-notebook maintainers"
project_copyright = author
version = release = wan_notebook.__version__

extensions = ["myst_nb", "docs.site.formulas"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
myst_dmath_allow_digits = myst_dmath_allow_space = False  # $5 and $6 are money
html_math_renderer = "mathml"
myst_heading_anchors = 3
nb_execution_mode = "off"  # stills.py has executed them
nb_merge_streams = True
nb_render_markdown_format = "myst"
nb_ipywidgets_js = {}  # nothing comes from another host
suppress_warnings = ["myst.header"]  # some chapters begin below their first level

html_theme = "pydata_sphinx_theme"
html_title = "wan-notebook"
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_context = {"default_mode": "auto"}
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {"index": []}
html_theme_options = {
    "logo": {"text": "wan-notebook"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navbar_persistent": ["search-button"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
