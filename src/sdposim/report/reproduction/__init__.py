"""The reproduction paper: one template, filled in from results, as Markdown and as PDF.

`marks` remembers where each number stems from, `sources` reads results, `page` fills the template
in, `typesetting` makes the PDF.
"""
