"""M05, relief beside enforcement: passes, bays, training and persuasion are counted by their own measures, apart from
penalties. Passes for tricycles and safety training are traffic management of the police; bays are marked by who may."""

from __future__ import annotations

from api.conftest import Api
from support.duty import BUREAU, POLICE, TRANSPORT, Duty

RELIEF = {
    "tricycle_permits": (POLICE, 4538, "permit"),
    "safety_training": (POLICE, 9951, "person-time"),
    "taxi_drivers_trained": (TRANSPORT, 39, "person-time"),
    "two_three_wheel_bays": (BUREAU, 390, "bay"),
}


def test_relief_is_counted_beside_enforcement_and_repair(api: Api) -> None:
    duty = Duty(api).on_duty(BUREAU, POLICE, TRANSPORT)
    for item, (unit, quantity, _measure) in RELIEF.items():
        answer = duty.result(unit, item, quantity, basis="")  # relief asks for no legal basis
        assert answer.status_code == 200, answer.text
    # another agency's act: its legal basis and a count, nothing else
    assert duty.result(POLICE, "touts_warned", 30, basis="").status_code == 422
    assert duty.result(POLICE, "touts_warned", 30).status_code == 200
    assert duty.result(BUREAU, "penalties", 2).status_code == 200
    assert duty.result(BUREAU, "kerbstone", 350, basis="").status_code == 200
    relief = {
        one["item"]["code"]: (one["unit"]["code"], one["quantity"], one["measure"])
        for one in duty.totals(strand="relief", by="item,unit")["items"]
    }
    assert relief == RELIEF
    assert set(duty.sums(strand="enforcement")) == {"touts_warned", "penalties"}
    assert duty.sums(strand="repair") == {"kerbstone": 350}
    by_strand = {one["strand"]: one["lines"] for one in duty.totals(by="strand")["items"]}
    assert by_strand == {"enforcement": 2, "relief": 4, "repair": 1}


def test_of_persons_only_numbers_are_kept(api: Api) -> None:
    """No field of a result holds a name: what is trained or admonished is a count with its basis."""
    duty = Duty(api).on_duty(POLICE, BUREAU)
    duty.result(POLICE, "bus_drivers_trained", 3)
    [line] = duty.office.get("/occasions/results", params={"occasion": duty.id}).json()["items"]
    assert set(line) == {
        "occasion", "number", "type", "line", "unit", "item", "quantity", "measure", "strand", "place", "on",
        "corrects", "basis", "note", "at",
    }  # fmt: skip
    form = {"unit": POLICE, "item": "bus_drivers_trained", "quantity": 1, "name": "王某"}
    assert duty.send("record_result", duty.by(POLICE), form=form).status_code == 422
