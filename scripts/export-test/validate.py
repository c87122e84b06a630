"""Checks exported findings against the models of AWS (botocore) and of OCSF (py-ocsf-models). Reads a folder's name."""

import json
import sys
from pathlib import Path

from botocore.session import Session
from botocore.validate import ParamValidator
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

folder = Path(sys.argv[1])
problems = []

asff = json.loads((folder / "findings.asff").read_text())
operation = Session().get_service_model("securityhub").operation_model("BatchImportFindings")
for start in range(0, len(asff), 100):
    report = ParamValidator().validate({"Findings": asff[start : start + 100]}, operation.input_shape)
    if report.has_errors():
        problems.append(f"asff: {report.generate_report()}")

ocsf = json.loads((folder / "findings.ocsf").read_text())
for event in ocsf:
    try:
        DetectionFinding.model_validate(event)
    except ValueError as error:
        problems.append(f"ocsf: {error}")

# A validator that accepts everything would prove nothing.
broken = dict(asff[0])
del broken["Severity"], broken["Title"]
if not ParamValidator().validate({"Findings": [broken]}, operation.input_shape).has_errors():
    problems.append("asff: a finding without a title was accepted")
try:
    DetectionFinding.model_validate({**ocsf[0], "finding_info": {}})
    problems.append("ocsf: an event without finding_info was accepted")
except ValueError:
    pass

for problem in problems[:20]:
    print(problem, file=sys.stderr)
print(f"{len(asff)} findings in ASFF, {len(ocsf)} in OCSF, {len(problems)} problems")
sys.exit(1 if problems else 0)
