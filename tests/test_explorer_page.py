"""The explorer as a person opens it: reports/explorer.html in chromium."""

import csv
import io
import random
from pathlib import Path

import numpy as np
import pytest
import yaml

from browser import DESKTOP, PHONE, Watched, opened
from sdposim.model import parts
from sdposim.model.cells import train_block
from sdposim.model.compositions import check_method, composed, packed_method
from sdposim.model.metrics import METRICS
from sdposim.report.explorer.layout import AXES
from sdposim.workflow.configuration.load import DEFAULT, merge, read_yaml
from sdposim.workflow.configuration.validate import validate

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "reports" / "explorer.html"
OPEN_ALL = "document.querySelectorAll('details').forEach(own => { own.open = true; })"
READY = "html[data-state=ready]"


def ready(page) -> None:
    """Wait until nothing is being trained, drawn or shown."""
    page.wait_for_selector(READY)


@pytest.fixture(scope="module")
def watched():
    with opened(PAGE) as own:
        ready(own.page)
        yield own


@pytest.fixture
def page(watched):
    """The page as it opens, without complaints or requests at the end."""
    watched.page.click("#reset")
    ready(watched.page)
    yield watched.page
    assert watched.complaints == []
    assert watched.requests == []


def selection(page) -> dict:
    return page.evaluate("explorer.selection()")


def select(page, fragment: str) -> None:
    """Select something as its address does."""
    page.evaluate("fragment => explorer.open(fragment)", fragment)
    ready(page)


def finals(page) -> dict[str, list[str]]:
    """The table of final values: cells of each metric."""
    rows = page.locator("#finals tbody tr")
    return {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows.all()
    }


# --- controls -------------------------------------------------------------------------------------

SMALL = "seeds=1&a.training.steps=20&a.landscape.sequence_length=3&a.landscape.vocabulary_size=4"


def test_every_slider_is_dragged(page):
    """With the mouse; each changes what is selected, and what is trained."""
    select(page, f"{SMALL}&a.method=hybrid&a.feedback=critique&a.bias=raters&a.landscape=keyed")
    page.evaluate(OPEN_ALL)
    sliders = page.locator("#cell-a input[type=range]")
    paths = [
        slider.evaluate("own => own.closest('.control').dataset.path") for slider in sliders.all()
    ]
    assert len(paths) == len(set(paths)) > 12
    for path in paths:
        slider = page.locator(f"#cell-a [data-path='{path}'] input[type=range]")
        number = page.locator(f"#cell-a [data-path='{path}'] input[type=number]")
        before = selection(page)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        middle = box["y"] + box["height"] / 2
        share = 0.12 if float(slider.input_value()) > 300 else 0.4
        page.mouse.move(box["x"] + box["width"] * 0.5, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * share, middle, steps=3)
        page.mouse.up()
        ready(page)
        after = selection(page)
        assert after != before, path
        chosen = after["a"].get(path, after["a"]["set"].get(path))
        assert float(number.input_value()) == chosen, path
        assert page.locator("#problem").is_hidden(), path


def test_every_method_feedback_and_bias_trains(page):
    select(page, SMALL)
    for name in ("method", "feedback", "bias", "landscape"):
        control = page.locator(f"#cell-a [data-path={name}] select")
        values = control.evaluate("own => [...own.options].map(option => option.value)")
        assert len(values) > 5
        for value in values:
            page.locator(f"#cell-a [data-path={name}] select").select_option(value)
            ready(page)
            assert selection(page)["a"][name] == value
            assert page.locator("#problem").is_hidden(), (value, page.inner_text("#problem"))
            assert "reward" in finals(page)


def test_choices_change_what_is_trained(page):
    select(page, f"{SMALL}&a.method=reinforce&a.training.learning_rate=2")
    page.evaluate(OPEN_ALL)
    before = finals(page)
    page.locator("[data-path='update.sequence.direction'] select").select_option("printed")
    ready(page)
    assert finals(page)["credit correlation"] != before["credit correlation"]
    page.locator("[data-path='policy.context'] select").select_option("previous_token")
    ready(page)
    assert page.locator("#problem").is_hidden()


def test_parts_of_a_method_are_chosen(page):
    select(page, f"{SMALL}&a.method=reinforce&a.training.learning_rate=2")
    page.evaluate(OPEN_ALL)
    before = finals(page)
    part = "#cell-a [data-path='part.{}'] select"
    page.locator(part.format("advantage")).select_option("leave_one_out")
    ready(page)
    assert selection(page)["a"]["parts"] == {"advantage": "leave_one_out"}
    assert finals(page) != before
    assert "part.advantage=leave_one_out" in page.evaluate("location.hash")
    assert "other parts (A)" in page.evaluate("explorer.yaml(explorer.selection())")
    page.locator(part.format("divergence")).select_option("jsd")
    ready(page)
    assert "is missing, which" in page.inner_text("#problem")
    page.locator(part.format("divergence")).select_option("none")
    page.locator(part.format("advantage")).select_option("batch_mean")
    ready(page)
    assert selection(page)["a"]["parts"] == {} and finals(page) == before
    page.locator(part.format("regulariser")).select_option("entropy_bonus")
    page.wait_for_selector("#cell-a [data-path^='update.entropy_bonus.']", state="attached")
    page.locator("#cell-a [data-path=method] select").select_option("sdpo")
    ready(page)
    assert selection(page)["a"]["parts"] == {}


def test_what_is_not_allowed_is_said_and_not_trained(page):
    page.evaluate(OPEN_ALL)
    number = page.locator("[data-path='training.learning_rate'] input[type=number]")
    number.fill("0")
    assert number.get_attribute("aria-invalid") == "true"
    assert "more than 0" in page.inner_text("[data-path='training.learning_rate'] small")
    assert "training.learning_rate" not in selection(page)["a"]["set"]
    select(page, "a.method=scar&a.landscape=keyed&a.landscape.sequence_length=12")
    assert "allowed here: at most" in page.inner_text("#problem")
    select(page, "a.landscape.vocabulary_size=40")
    assert "choose a landscape of the project's own generator" in page.inner_text("#problem")


# --- numbers --------------------------------------------------------------------------------------


def random_fragment(rng: random.Random, about: dict) -> str:
    """A cell of any method, with a part and some of what it reads changed."""
    method = rng.choice(list(about["methods"]))
    slots = [*about["methods"][method]["composition"], "regulariser", "preconditioner"]
    changed = rng.sample([slot for slot in slots if slot not in ("credit", "signal")], 1)
    chosen = {
        "a.method": method,
        **{f"a.part.{slot}": rng.choice(about["codes"][slot]) for slot in changed},
        "a.feedback": rng.choice(list(about["feedbacks"])),
        "a.bias": rng.choice(["", "", "none", *about["codes"]["bias"]]),
        "a.noise": round(rng.random(), 3),
        "a.landscape": rng.choice(["42", "1024", "five", "each", "keyed"]),
        "a.landscapeSeed": rng.randrange(10**6),
        "a.training.steps": rng.randrange(20, 120),
        "a.training.rollouts": rng.randrange(2, 50),
        "a.training.learning_rate": round(rng.random(), 3),
        "a.landscape.vocabulary_size": rng.randrange(2, 10),
        "a.landscape.sequence_length": rng.randrange(2, 7),
        "a.landscape.pattern_weight": round(rng.uniform(-1, 1), 2),
        "a.policy.initial_logit_sd": 0.7,
        "a.update.oracle.strength": 1.25,
        "a.update.sequence.direction": "printed",
        "a.judge.likert.levels": rng.randrange(2, 9),
        "a.judge.normal.draw": rng.choice(["rollout", "fixed"]),
    }
    return "&".join(f"{key}={value}" for key, value in chosen.items())


def of_the_workflow(text: str, seeds: list[int]) -> np.ndarray:
    """The logs that the workflow trains of an exported configuration."""
    config = validate(merge(read_yaml(ROOT / DEFAULT), yaml.safe_load(text)))
    setting = config.settings["explorer_a"].model_dump()
    method = config.methods["explorer_a"].composition
    feedback = config.feedbacks["explorer_a"].composition
    (noise,) = config.studies["explorer_a"].noise
    cell = setting, *composed(setting, method, feedback), noise
    return np.concatenate(list(train_block(*cell, seeds)))


def test_ten_random_cells_have_the_bits_of_the_workflow(page):
    rng = random.Random(14)
    about = page.evaluate("explorer.about")
    seeds = [0, 3, 2**40 + 7]
    for _ in range(10):
        fragment = random_fragment(rng, about)
        own = page.evaluate("fragment => explorer.read(fragment)", fragment)
        made = page.evaluate("([own, seeds]) => explorer.train(own.a, seeds)", [own, seeds])
        assert made["stopped"] is None, fragment
        logs = np.frombuffer(bytes(made["logs"]))
        expected = of_the_workflow(page.evaluate("own => explorer.yaml(own)", own), seeds)
        undefined = np.isnan(expected.ravel())
        assert (np.isnan(logs) == undefined).all(), fragment
        same = logs.view(np.uint64) == expected.ravel().view(np.uint64)
        assert (same | undefined).all(), fragment


def random_composition(rng: random.Random, about: dict) -> dict:
    """A method's composition with one to three slots changed, which seldom is a method."""
    made = dict(rng.choice(list(about["methods"].values()))["composition"])
    for slot in rng.sample(parts.UPDATE, rng.randint(1, 3)):
        part = rng.choice([None, *parts.parts(slot)])
        made.pop(slot, None)
        if part:
            made[slot] = {part: {}}
    return {slot: made[slot] for slot in parts.UPDATE if slot in made}


def judged(composition: dict) -> str | dict:
    """What the workflow says: why it is no method, or its form in the kernel."""
    try:
        check_method(composition)
    except ValueError as error:
        return str(error)
    packed = packed_method(composition, {})._asdict()
    del packed["settings"]
    return {name: int(value) for name, value in packed.items()}


def test_compositions_are_what_the_workflow_takes_them_for(page):
    rng, about = random.Random(15), page.evaluate("explorer.about")
    asked = [own["composition"] for own in about["methods"].values()]
    asked += [random_composition(rng, about) for _ in range(500)]
    found = page.evaluate("asked => asked.map(explorer.judged)", asked)
    expected = [judged(own) for own in asked]
    assert found == expected
    assert len({own for own in expected if isinstance(own, str)}) > 10
    assert sum(isinstance(own, dict) for own in expected[len(about["methods"]) :]) > 50


def test_sizes_of_axes_are_the_builders(page):
    for own in (
        {"T": 3, "V": 5, "C": 15, "n": 9, "levels": 30, "coalitions": True, "gram": False},
        {"T": 6, "V": 8, "C": 6, "n": 33, "levels": 5, "coalitions": False, "gram": True},
    ):
        sizes = page.evaluate("own => explorer.axisSizes(own)", own)
        assert {name: size(own) for name, size in AXES.items()} == {
            name: sizes[name] for name in AXES
        }


def test_stories_end_as_they_say(page):
    page.click("[data-story=sign]")
    ready(page)
    a, b, _ = (
        float(text.split()[0].replace("−", "-")) for text in finals(page)["credit correlation"]
    )
    assert a < 0 < b
    page.click("[data-story=judge]")
    ready(page)
    table = finals(page)
    assert table["reward"][2] == table["entropy"][2] == "0.0000"
    page.click("[data-story=step]")
    ready(page)
    assert not finals(page)["entropy"][2].startswith("−")
    page.click("[data-story=hybrid]")
    ready(page)
    assert finals(page)["reward"][2].startswith("−")
    page.click("[data-story=batch]")
    ready(page)
    assert page.get_attribute("[data-story=batch]", "aria-pressed") == "true"
    assert "reports/claims.md" in page.inner_text("#story-text")


def test_committed_results_are_beside_the_curves(page):
    """And lie on them: table 1 is of the first ten of the seeds that are trained."""
    select(page, "seeds=10")
    cell = page.evaluate("explorer.known()[0]")
    points = {(own["metric"], own["step"]): own["mean"] for own in cell["points"]}
    assert len(points) > 10
    final = dict(zip(METRICS, cell["finals"], strict=True))
    assert np.mean(final["reward"]) == pytest.approx(points["reward", 290], abs=6e-5)
    assert np.mean(final["entropy"]) == pytest.approx(points["entropy", 290], abs=6e-5)
    select(page, "a.training.learning_rate=0.03")
    assert page.evaluate("explorer.known()[0].points") == []


# --- steps ----------------------------------------------------------------------------------------


def test_play_runs_to_the_end(page):
    select(page, "seeds=1&a.training.steps=12&compare=1&b.training.steps=12&b.method=reinforce")
    page.click("#play")
    page.wait_for_selector("#tables-a[data-step='11']")
    page.wait_for_selector("#tables-b[data-step='11']")
    page.wait_for_selector("#play[aria-pressed=false]")
    ready(page)
    assert selection(page)["step"] == 11
    names = [
        text.partition(",")[0] for text in page.locator("#tables-a figcaption").all_inner_texts()
    ]
    assert names == [
        "A: Policy π",
        "A: Token quality q",
        "A: Teacher (mean)",
        "A: Advantages A*",
        "A: Gradient",
    ]
    assert "B: Teacher (mean)" not in page.locator("#tables-b figcaption").all_inner_texts()


def test_the_teacher_is_a_distribution(page):
    """By equation 3 read backwards, and for the hybrid by equation 6 too."""
    for fragment in ("a.feedback=critique", "a.method=hybrid&a.update.gate.threshold=0.3"):
        select(page, f"seeds=1&step=40&{fragment}")
        teacher = np.array(page.evaluate("explorer.panels('a')")["teacher"]).reshape(6, 8)
        np.testing.assert_allclose(teacher.sum(axis=1), 1.0, atol=1e-9)
        assert (teacher > 0).all()


def test_a_step_can_be_chosen_by_slider_and_seed(page):
    select(page, "seeds=1")
    before = page.get_attribute("#tables-a canvas", "aria-label")
    page.locator("#step").fill("250")
    page.wait_for_selector("#tables-a[data-step='250']")
    ready(page)
    later = page.get_attribute("#tables-a canvas", "aria-label")
    assert later != before
    page.locator("#seed").fill("5")
    ready(page)
    assert page.get_attribute("#tables-a canvas", "aria-label") != later
    assert "step=250" in page.url and "seed=5" in page.url


def test_long_training_is_cancelled_and_the_page_lives_on(page):
    large = "a.training.steps=1000&a.training.rollouts=2000&seeds=100&a.feedback=critique"
    page.evaluate("fragment => explorer.open(fragment)", large)
    page.wait_for_selector("#stop:not([disabled])")
    page.click("#stop")
    ready(page)
    assert page.inner_text("#status") == "cancelled"
    select(page, SMALL)
    assert "1 seeds in" in page.inner_text("#status")


# --- what is kept ---------------------------------------------------------------------------------


def test_the_address_keeps_the_selection(page):
    select(page, "seeds=5&a.method=hybrid&a.feedback=critique&a.noise=0.3&compare=1&b.method=grpo")
    page.evaluate(OPEN_ALL)
    page.locator("#cell-a [data-path='update.gate.threshold'] input[type=number]").fill("0.25")
    page.locator("#cell-b [data-path=landscape] select").select_option("each")
    page.locator("#step").fill("17")
    ready(page)
    before, fragment = selection(page), page.url.partition("#")[2]
    assert before["a"]["set"] == {"update.gate.threshold": 0.25}
    page.reload()
    ready(page)
    assert selection(page) == before
    assert page.url.partition("#")[2] == fragment


def test_a_wrong_address_opens_what_it_can(page):
    page.evaluate(
        "fragment => { location.hash = fragment; }", "#a.method=nothing&a.noise=x&seeds=7"
    )
    ready(page)
    select(page, "a.method=nothing&a.noise=x&seeds=7&a.training.steps=-3&a.update.pull=1&step=1e99")
    own = selection(page)
    assert own["a"]["method"] == "sdpo" and own["a"]["set"] == {}
    assert own["seeds"] == 20 and own["step"] == 0


def test_exports(page):
    select(page, "seeds=5&a.training.steps=30&compare=1&b.method=reinforce&b.training.steps=12")
    with page.expect_download() as download:
        page.click("#export-yaml")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == "explorer.yaml"
    config = validate(merge(read_yaml(ROOT / DEFAULT), yaml.safe_load(text)))
    assert config.run == ["explorer_a", "explorer_b"]
    assert config.studies["explorer_b"].seeds == 5
    assert config.settings["explorer_a"].training.steps == 30
    with page.expect_download() as download:
        page.click("#export-csv")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert len(rows) == 5 * 30 + 5 * 12
    logs = of_the_workflow(text, list(range(5)))
    mine = [[row[name] for name in METRICS] for row in rows if row["cell"] == "a"]
    expected = [["" if np.isnan(x) else float(x) for x in row] for row in logs.reshape(-1, 6)]
    assert [[text and float(text) for text in row] for row in mine] == expected


# --- for everybody --------------------------------------------------------------------------------


def test_by_keyboard_alone(page):
    select(page, SMALL)
    page.locator("#cell-a [data-path=noise] input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    ready(page)
    assert selection(page)["a"]["noise"] > 0
    page.locator("#compare").focus()
    page.keyboard.press("Space")
    ready(page)
    assert page.locator("#cell-b").is_visible()
    page.locator("[data-story=judge]").focus()
    page.keyboard.press("Enter")
    ready(page)
    assert page.get_attribute("[data-story=judge]", "aria-pressed") == "true"
    page.locator("#cell-a [data-path=method] select").focus()
    page.keyboard.press("ArrowDown")
    ready(page)
    assert selection(page)["a"]["method"] == "reinforce"
    focus = page.evaluate("document.activeElement.closest('.control').dataset.path")
    assert focus == "method"  # though the controls were made anew


@pytest.mark.parametrize(
    "size, scheme", [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")]
)
def test_it_can_be_read(watched, size, scheme):
    browser = watched.page.context.browser
    context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
    own = Watched(context.new_page())
    own.page.goto(PAGE.as_uri())
    ready(own.page)
    own.page.click("[data-story=hybrid]")
    ready(own.page)
    own.page.evaluate(OPEN_ALL)
    own.keep(f"explorer-{size['width']}-{scheme}")
    assert own.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert own.page.locator("#charts .uplot").count() == 6
    assert own.serious() == []
    assert own.complaints == [] and own.requests == []
    context.close()
