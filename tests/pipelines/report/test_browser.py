"""The report in headless Chromium: sections, no overflow on a phone, hostile text inert.

The page has no scripts of its own; these tests put one into a copy, without the page's Content
Security Policy, so that nothing but the escaping keeps hostile text from running.
"""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.report import write_report

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
PHONE, DESKTOP = 375, 1280


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no Chromium, and in CI the browser tests must run")
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


def _run(chromium: str, profile: Path, page: Path, *options: str) -> str:
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", "--hide-scrollbars", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={profile}", *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return done.stdout.decode("utf-8")


# Reported by the page itself once it is loaded, through the frame it stands in: a window of
# Chromium is never narrower than 500 pixels, a frame is.
PROBE = """
<script>
const errors = [];
addEventListener('error', event => errors.push(String(event.message)));
addEventListener('securitypolicyviolation', event => errors.push(event.blockedURI));
window.alert = text => errors.push('alert: ' + text);
</script>
"""
REPORT = """
<script>
addEventListener('load', () => {
  document.querySelectorAll('details').forEach(element => { element.open = true; });
  const visible = selector => [...document.querySelectorAll(selector)]
    .filter(element => element.getClientRects().length).length;
  const wide = [...document.querySelectorAll('body *')].filter(element =>
    element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.scroll, svg'));
  parent.postMessage(JSON.stringify({
    width: innerWidth,
    scrollWidth: document.documentElement.scrollWidth,
    tooWide: wide.map(element => element.outerHTML.slice(0, 80)),
    errors,
    ran: window.hostileRan === true,
    sections: [...document.querySelectorAll('section > h2')].map(element => element.textContent),
    charts: [visible('svg.wide'), visible('svg.narrow')],
    letters: [...document.querySelectorAll('svg.chart text')]
      .map(element => element.getBoundingClientRect().height).filter(height => height > 0),
    requests: performance.getEntriesByType('resource').map(entry => entry.name),
    paper: getComputedStyle(document.body).backgroundColor,
    ink: getComputedStyle(document.body).color,
    strangers: [...document.querySelectorAll('.text *')]
      .filter(element => !['SPAN', 'B'].includes(element.tagName)).map(e => e.tagName),
    shown: [...document.querySelectorAll('.text')].map(element => element.textContent).join(''),
    headers: document.querySelectorAll('header.top').length,
  }), '*');
});
</script>
"""
FRAME = """<!doctype html><body><pre id="result"></pre><iframe src="probed.html"
style="border:0;width:{width}px;height:800px"></iframe>
<script>addEventListener('message', event => {{
  document.getElementById('result').textContent = event.data; }});</script>"""


def _probe(chromium: str, tmp_path: Path, run_dir: Path, width: int, *options: str) -> Any:
    page = (run_dir / "report.html").read_text(encoding="utf-8")
    bare, policies = POLICY.subn("", page)
    assert policies == 1
    head, body = bare.split("<head>", 1)
    probed = f"{head}<head>{PROBE}{body.replace('</body>', REPORT + '</body>')}"
    (tmp_path / "probed.html").write_text(probed, encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(width=width), encoding="utf-8")
    size = f"--window-size={max(width, 500) + 20},1000"
    # The clock of the page runs ahead until its load event, and the message, have come.
    dom = _run(
        chromium, tmp_path / "profile", frame, size, "--virtual-time-budget=5000",
        *options, "--dump-dom",
    )  # fmt: skip
    result = re.search(r'<pre id="result">(.*?)</pre>', dom, re.DOTALL)
    assert result, dom
    return json.loads(html.unescape(result[1]))


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_page_fits_the_screen(chromium: str, tmp_path: Path, run_dir: Path, width: int) -> None:
    write_report(run_dir)
    seen = _probe(chromium, tmp_path, run_dir, width)
    assert seen["width"] == width
    assert seen["scrollWidth"] == width
    assert seen["tooWide"] == []
    assert seen["errors"] == []
    assert seen["requests"] == []
    assert seen["sections"] == [
        "Corpus",
        "One document of every source",
        "Loss curves",
        "What made it",
    ]
    assert seen["charts"] == ([0, 2] if width == PHONE else [2, 0])
    # Letters of 12 pixels stand in boxes of about 14; a chart scaled down would have less.
    assert min(seen["letters"]) >= 11


def test_light_and_dark_differ(chromium: str, tmp_path: Path, run_dir: Path) -> None:
    write_report(run_dir)
    dark, light = (
        _probe(chromium, tmp_path, run_dir, PHONE, f"--blink-settings=preferredColorScheme={n}")
        for n in (0, 1)
    )

    def brightness(colour: str) -> int:
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    assert brightness(light["paper"]) > 600 > brightness(light["ink"])
    assert brightness(dark["paper"]) < 150 < brightness(dark["ink"])


HOSTILE = (
    "Title: hostile\n\n<script>window.hostileRan = true; alert(1)</script>\n\n"
    "</div></article></section></style></title></textarea><script>window.hostileRan=true</script>"
    '<img src=x onerror="window.hostileRan = true"><svg onload="window.hostileRan = true">'
    '" onmouseover="window.hostileRan = true" x="<iframe src="javascript:parent.hostileRan=true">'
    "<a href='javascript:window.hostileRan=true'>click</a><!-- <![CDATA[ {{ 7 * 7 }} {% raw %}"
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>"
    "<base href=https://example.invalid/><header class=top>forged</header>"
    "[START_REF] a literal spelling [END_REF] </s> \0 \u202e reversed \u2028"
)


def test_hostile_text_is_inert(
    chromium: str,
    tmp_path: Path,
    texts: dict[str, list[str]],
    write_corpus: Callable[[Path, dict[str, list[str]]], None],
) -> None:
    run = tmp_path / "hostile"
    write_corpus(run, {name: [f"{HOSTILE}\n\n{'x' * 5_000}"] for name in texts})
    manifest = run / "documents" / "manifest.json"
    content = json.loads(manifest.read_text())
    for source in content["sources"].values():
        source["dropped"] = {HOSTILE: 3}
        source["quarantined"] = {HOSTILE: 3}
        source["citations"] = {"resolved": 1, HOSTILE: 2}
        source["cleaned"] = {HOSTILE: 1}
    content["made_by"]["recipe"]["sources"][0]["paths"] = [HOSTILE]
    content["made_by"]["versions"][HOSTILE] = HOSTILE
    manifest.write_text(json.dumps(content))
    write_report(run)
    seen = _probe(chromium, tmp_path, run, PHONE)
    assert not seen["ran"]
    assert seen["errors"] == []
    assert seen["requests"] == []
    assert seen["strangers"] == []
    assert seen["headers"] == 1
    assert len(seen["sections"]) == 4
    assert "<script>window.hostileRan = true; alert(1)</script>" in seen["shown"]
    assert "{{ 7 * 7 }}" in seen["shown"]
    assert "javascript:window.hostileRan" in seen["shown"]
    assert seen["scrollWidth"] == PHONE
    assert seen["tooWide"] == []


def test_the_probe_would_see_text_that_runs(chromium: str, tmp_path: Path, run_dir: Path) -> None:
    page = write_report(run_dir)
    text = page.read_text(encoding="utf-8")
    wide = '<p style="width:600px">wide</p><script>window.hostileRan = true</script>'
    page.write_text(text.replace("<main>", "<main>" + wide), encoding="utf-8")
    seen = _probe(chromium, tmp_path, run_dir, PHONE)
    assert seen["ran"]
    assert seen["scrollWidth"] > PHONE
    assert seen["tooWide"]


@pytest.mark.parametrize("size", ["1280,1600", "375,812"])
def test_the_page_as_it_is_can_be_drawn(
    chromium: str, tmp_path: Path, run_dir: Path, size: str
) -> None:
    page = write_report(run_dir)
    picture = tmp_path / "page.png"
    _run(chromium, tmp_path / "profile", page, f"--window-size={size}", f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    # A blank page of this size would be a few kilobytes.
    assert picture.stat().st_size > 20_000
