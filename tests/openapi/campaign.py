"""schemathesis over the whole OpenAPI document: one seed, every check on, and what came of it in one report."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.config._checks import POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES
from schemathesis.engine import Status, events, from_schema
from schemathesis.generation.meta import TestPhase

from tests.openapi.feeding import feed
from tests.openapi.throwaway import Throwaway

SEED = 20260115
EXPECTED = [*POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES, "400", "413", "422"]
"""What right data may be answered with: schemathesis's own list, and three for rules that no schema can say."""
NOT_CONFIGURED = ("/universal/", "/gemini/")
"""Routes of models that Easel has no back end for: 400 is all that they answer."""
REQUEST_SECONDS = 30.0


@dataclass
class Report:
    """What was sent and what it was answered with."""

    cases: int = 0
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    violations: dict[str, str] = field(default_factory=dict)
    """The first of each kind, by operation and kind."""
    errors: list[str] = field(default_factory=list)
    """Where the campaign itself failed."""

    @property
    def server_errors(self) -> int:
        """503 is an answer of ours; it says when to come again."""
        return sum(
            n for told in self.statuses.values() for status, n in told.items() if status >= 500 and status != 503
        )

    @property
    def never_accepted(self) -> list[str]:
        """POSTs without a single 2xx."""
        return sorted(
            name
            for name, told in self.statuses.items()
            if name.startswith("POST ")
            and not any(part in name for part in NOT_CONFIGURED)
            and not any(200 <= status < 300 for status in told)
        )

    def __str__(self) -> str:
        width = max((len(name) for name in self.statuses), default=0)
        lines = [
            f"{name:{width}}  " + "  ".join(f"{status}: {n}" for status, n in sorted(told.items()))
            for name, told in sorted(self.statuses.items())
        ]
        lines += [f"\n{name}\n{told}" for name, told in sorted(self.violations.items())]
        lines += [f"\nerror: {each}" for each in self.errors]
        lines.append(
            f"\n{self.cases} cases, seed {SEED}: {len(self.violations)} violations, "
            f"{self.server_errors} server errors, "
            f"POSTs never accepted: {', '.join(self.never_accepted) or 'none'}"
        )
        return "\n".join(lines)


def run(place: Throwaway, *, examples: int, least: int = 0, systematic: bool = True, only: str = "") -> Report:
    """So many generated cases for each operation, beside the `systematic` ones; with further seeds until `least`."""
    report, seed = Report(), SEED
    _hook(place)
    while True:
        _once(place, report, seed=seed, examples=examples, systematic=systematic, only=only)
        seed += 1
        if report.cases >= least:
            return report


def _hook(place: Throwaway) -> None:
    schemathesis.hooks.unregister_all()
    schemathesis.auths.unregister()

    @schemathesis.auth(refresh_interval=None)
    class InForce:
        def get(self, case, context):
            return place.key

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"
            case.headers["api-key"] = data

    @schemathesis.hook
    def before_call(context, case, kwargs):
        linked = case.meta is not None and case.meta.phase.name is TestPhase.STATEFUL
        place.restore(words=not linked)  # a chain of calls goes on from the rule that it made
        if (case.method, case.path) == ("POST", "/v1/accounts"):
            place.unlink_spare()
        feed(case, place)
        place.changed = place.changed or case.method not in {"GET", "HEAD", "OPTIONS"}


def _once(place: Throwaway, report: Report, *, seed: int, examples: int, systematic: bool, only: str) -> None:
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "request-timeout": REQUEST_SECONDS,
            "workers": 1,
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "phases": {"coverage": {"enabled": systematic}},
            "checks": {"positive_data_acceptance": {"expected-statuses": EXPECTED}},
        }
    )
    schema = schemathesis.openapi.from_url(f"{place.url}/openapi.json", config=config)
    if only:
        schema = schema.include(path_regex=only)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _read(event, report)
        elif isinstance(event, events.NonFatalError):
            report.errors.append(f"{event.label}: {event.value!r:.2000}")
        elif isinstance(event, events.FatalError):
            raise event.exception


def _read(event: events.ScenarioFinished, report: Report) -> None:
    recorder = event.recorder
    report.cases += len(recorder.interactions)
    for case_id, interaction in recorder.interactions.items():
        case = recorder.cases[case_id].value
        operation = case.operation
        if interaction.response is None:
            report.errors.append(f"{operation.label}: no answer")
        elif case.method == operation.method.upper():
            report.statuses[operation.label][interaction.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE:
                label = recorder.cases[case_id].value.operation.label
                failure = check.failure_info.failure
                told = f"{failure.message}\n{check.failure_info.code_sample[:600]}"
                interaction = recorder.interactions.get(case_id)
                if interaction is not None and interaction.response is not None:
                    told += f"\n-> {interaction.response.status_code} {interaction.response.content[:300]!r}"
                name = f"{label}: {check.name}: {failure.title}"
                if name not in report.violations:
                    report.violations[name] = told
                    sys.stderr.write(f"after {report.cases} cases: {name}\n{told}\n\n")
