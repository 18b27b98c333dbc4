"""A verb's Markdown as a page: what it may hold, and what text of a container can never make of it."""

import pytest

from lab.site import markdown_page

TEXT = """# What <was> seen

two lines
of **one** paragraph with `a|b`

| pair | says |
|---|---|
| `x \\| y` | &lt;script> |

- one
- two `c`

```
code <b> \\| x
```
"""


def body(text: str) -> str:
    return markdown_page.html(text, "en").partition("<body>")[2]


def test_headings_paragraphs_tables_lists_and_code_are_as_they_were_written() -> None:
    page = body(TEXT)
    assert "<h1>What &lt;was&gt; seen</h1>" in page
    assert "<p>two lines<br>\nof <strong>one</strong> paragraph with <code>a|b</code></p>" in page
    assert '<div class="wide"><table>' in page
    assert "<td><code>x | y</code></td>\n<td>&lt;script&gt;</td>" in page
    assert "<li>two <code>c</code></li>" in page
    assert "<pre><code>code &lt;b&gt; \\| x\n</code></pre>" in page


def test_a_page_has_the_title_and_the_language_it_was_asked_for() -> None:
    page = markdown_page.html("# Zwei <b>\n\ntext", "zh")
    assert '<html lang="zh">' in page
    assert "<title>Zwei &lt;b&gt;</title>" in page


@pytest.mark.parametrize(
    "text",
    [
        "[click](https://x.test)",
        "[click](javascript:alert(1))",
        "![picture](https://x.test/a.png)",
        "<https://x.test>",
        "<script>alert(1)</script>",
        "<img src=https://x.test onerror=alert(1)>",
        "[named]\n\n[named]: https://x.test",
        "| a |\n|---|\n| <script>alert(1)</script> [click](https://x.test) |",
    ],
)
def test_no_text_makes_a_link_a_picture_or_a_tag(text: str) -> None:
    page = body(f"# Title\n\n{text}\n")
    assert not [one for one in ("<a", "<img", "<script", "href=", 'src="') if one in page]
    assert "x.test" in page or "alert(1)" in page
