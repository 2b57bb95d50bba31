"""A creditor tells at its desk whether a contract runs; what it told stands on the case with who and when (M13)."""

import io
import re

from tests.portals.conftest import Visitor, World


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\xa0", " "))


def test_what_a_creditor_tells_stands_on_the_case_with_its_name_and_day(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    path = f"/creditor/cases/{world.closed}/facts"
    visitor.get(path)
    wrong = visitor.post(path, name="power.active_contract")
    assert wrong.status_code == 422
    assert "Svar ja eller nei." in wrong.text
    told = visitor.post(path, name="grid.active_contract", value="nei", reported_on="5.3.26")
    assert told.status_code == 303
    assert "Opplysningen er lagret" in visitor.get(told.headers["Location"]).text
    case = _text(visitor.get(f"/creditor/cases/{world.closed}").text)
    said = case[case.index("Opplysninger") :]
    assert "Aktiv nettleieavtale: nei meldt 5. mars 2026 av Nordlys Kraft AS" in said


def test_many_are_told_in_a_file_with_a_verdict_for_each(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    content = f"sak;opplysning;verdi\n{world.closed};strømavtale;nei\n{world.fibre};strømavtale;ja\n".encode()
    visitor.get("/creditor/facts/file")
    assert visitor.post("/creditor/facts/file").status_code == 422
    wrong = visitor.post("/creditor/facts/file", file=(io.BytesIO(content), "f.csv"))
    assert wrong.status_code == 422
    assert "Ingenting er lagret" in wrong.text
    assert "Vi finner ikke saken" in wrong.text
    visitor.get("/creditor/facts/file")
    good = visitor.post("/creditor/facts/file", file=(io.BytesIO(content.rsplit(b"\n", 2)[0]), "f.csv"))
    assert good.status_code == 200
    assert "Opplysningene er lagret" in good.text


def test_another_creditors_case_takes_no_word_from_it(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    assert visitor.get(f"/creditor/cases/{world.fibre}/facts").status_code == 404
