"""A refusal that can be appealed: nothing presses the button but the operator, and what follows is the job's result."""

from __future__ import annotations

from tests.journeys.processes import assert_nothing_lost_doubled_or_swapped, imagine, nonces_of, wait_final


def clicks(simulator):
    posts = [row for row in simulator.ledger("request") if row["path"].endswith("/interactions")]
    return [row for row in posts if str(row.get("custom_id") or "").startswith("MJ::Prompts::Appeal::")]


def test_the_operators_appeal_is_pressed_once_while_easel_runs_and_its_job_is_done(start_simulator, start_easel):
    simulator = start_simulator(accounts=1, job_ms=300, first_ms=50)
    easel = start_easel(simulator, accounts=1)
    with easel.client() as client:
        simulator.order("appeal")
        refused = imagine(client, "a marble statue", ref="order 7")
        said = wait_final(client, [refused])[refused]
        assert said["status"] == "FAIL"
        assert "Action needed to continue" in said["error"]
        native = client.get(f"/v1/jobs/{refused}").json()
        assert (native["appeal"], native["failure"]["reason"]) == (True, "content")
        assert easel.cli("job", "show", refused)["appeal"] is True
        assert easel.log.read_text().count(f"easel job appeal {refused}") == 1
        wait_final(client, [imagine(client, "a calm harbor")])
        assert not clicks(simulator)

        made = easel.cli("job", "appeal", refused, "--confirm", "appeal this refusal")
        told = wait_final(client, [made["id"]])
        after = client.get(f"/v1/jobs/{made['id']}").json()
    assert_nothing_lost_doubled_or_swapped(simulator, easel, told)
    (pressed,) = clicks(simulator)
    assert [pressed["nonce"]] == nonces_of(easel)[made["id"]]
    assert told[made["id"]]["ref"] == "order 7"
    assert (after["state"], after["action"], after["parent_id"]) == ("DONE", "imagine", refused)
    assert after["prompt"] == "a marble statue"
    assert [button["label"] for button in after["result"]["buttons"]][:2] == ["U1", "U2"]
