"""The site of the documentation: ``make docs`` builds it from the pages as they lie in the repository, in strict mode."""

project = "Box provisioning"
author = "the Box provisioning authors"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "*.md",
    "jobs/README.md",
    "sample_data/README.md",
    "sample_data/broken/README.md",
]
exclude_patterns = ["build/**", ".venv/**"]
nitpicky = True
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["misc.highlighting_failure"]  # csv and mermaid have no colours here
html_theme = "furo"
html_title = project
html_show_sourcelink = False
html_copy_source = False
