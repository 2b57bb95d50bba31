"""The bench of the law measures what it says; how fast it is, is for `make bench` to tell."""

from saas.rules.facts import Step
from saas.rules.law import load_law
from tests.bench.bare_law import bare_law
from tests.bench.law_decision import TODAY, a_stream, answer, run, same_as_bare
from tests.bench.measure import the_law

LAW = load_law()


def test_every_case_of_the_stream_takes_a_step_and_the_bare_arithmetic_comes_to_the_same_ore() -> None:
    steps = set()
    for facts, numbers in a_stream(400, LAW):
        told = answer(facts, LAW)
        assert told.decision.step is not None, told.decision.why
        steps.add(told.decision.step)
        assert same_as_bare(told, bare_law(LAW).answer(numbers)), facts
    assert steps == {Step.COLLECTION_NOTICE, Step.PAYMENT_DEMAND, Step.HEAVY_FEE}


def test_the_explanation_that_is_measured_is_whole() -> None:
    facts, _ = next(a_stream(1, LAW))
    told = answer(facts, LAW)
    assert len(told.sha) == 64
    assert told.statement.on == TODAY
    labels = [line.label for lines in told.explained for line in lines]
    assert labels.count("principal") == len(facts.claims)
    assert "interest" in labels


def test_the_stream_is_the_same_each_time_and_no_two_cases_are_alike() -> None:
    first, second = (list(a_stream(50, LAW)) for _ in range(2))
    assert first == second
    assert len({facts.claims[0].principal_ore for facts, _ in first}) > 45


def test_a_run_tells_both_times_and_memory_at_a_tenth_and_at_the_end() -> None:
    told = run(2_000)
    assert told.cases == 2_000
    assert 0 < told.bare_us < told.law_us
    assert 0 < told.rss_mb_tenth <= told.rss_mb * 1.5


def test_the_bench_prints_the_law_beside_its_limit_of_the_same_run() -> None:
    decision, memory = the_law(1_000)
    assert (decision.name, memory.name) == ("law_decision", "law_memory")
    assert decision.ratio > 1
    assert decision.as_json()["unit"] == "µs a case"
