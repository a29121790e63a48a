"""Plans and HCL files of any size, alike in what they say."""

from __future__ import annotations

_HEAD = """rbplan 1
plan {name} "Plan {name}" {{
  level 2
  change "A change of {name}."
  service api in production {{ version "1.0" -> "1.1" }}
"""
_TAIL = """  phase proof "Verification" { after p0; budget 1m; verify }
  verification { check health "Healthy" { expect `curl -fsS --max-time 5 http://api/health` } }
  testing { in staging { passed 2025-12-08T10:00:00Z; took 5m } }
}
"""
_STEP = """    step s{n} "Step {n} of the procedure" {{
      for     api
      timeout {timeout}
      retry   2 every 50ms
      run     `kubectl -n production set image deployment/api-{n} api="api:v{n}"`
      expect  `kubectl -n production get deployment api-{n}` contains "api"
    }}
"""
_HCL_STEP = """    step "s{n}" {{
      title   = "Step {n} of the procedure"
      for     = ["api"]
      timeout = "5s"
      retry {{
        count = 2
        every = "1s"
      }}
      run = "kubectl -n production set image deployment/api-{n} api=api:v{n}"
      expect {{
        command  = "kubectl -n production get deployment api-{n}"
        contains = "api"
      }}
    }}
"""


def plan(name: str, phases: int, steps: int, *, budget: str = "2m", timeout: str = "5s") -> str:
    """A plan of one phase after another, each with so many steps."""
    parts = [_HEAD.format(name=name)]
    for phase in range(phases):
        after = f"after p{phase - 1}; " if phase else ""
        parts.append(f'  phase p{phase} "Phase {phase}" {{\n    {after}budget {budget}\n')
        numbers = range(phase * steps, (phase + 1) * steps)
        parts += [_STEP.format(n=number, timeout=timeout) for number in numbers]
        parts.append("  }\n")
    parts.append(_TAIL.replace("after p0", f"after p{phases - 1}"))
    return "".join(parts)


def hcl(phases: int, steps: int) -> str:
    """The same phases and steps in HCL."""
    parts = ['plan "p" {\n  level = 2\n']
    for phase in range(phases):
        parts.append(f'  phase "p{phase}" {{\n    title  = "Phase {phase}"\n    budget = "10m"\n')
        parts += [_HCL_STEP.format(n=phase * steps + step) for step in range(steps)]
        parts.append("  }\n")
    return "".join([*parts, "}\n"])


def of_size(megabytes: float) -> tuple[str, str]:
    """A plan and an HCL file of about that size."""
    want = megabytes * 1e6
    phases_of_plan = round(want / len(plan("p", 1, 50)))
    phases_of_hcl = round(want / len(hcl(1, 50)))
    return plan("p", phases_of_plan, 50), hcl(phases_of_hcl, 50)


_SHELL = """deployment=api-{n}
before="$(kubectl -n "$namespace" get deployment "$deployment" --output=name --request-timeout=2s)"
if [[ $before != "deployment.apps/$deployment" ]]; then
  echo "{name}: there is no $deployment" >&2
  exit 1
fi
for container in api sidecar; do
  kubectl -n "$namespace" set image "deployment/$deployment" "$container=$image-{n}"
done
kubectl -n "$namespace" rollout status "deployment/$deployment" --timeout=4s
"""
_SHELL_STEP = """    step s{n} "Step {n} of the procedure" {{
      for     api
      timeout 5s
      run ```
{shell}      ```
    }}
"""


def shell_of_step(name: str, step: int) -> str:
    """Ten lines of shell, other ones for each name and step."""
    return _SHELL.format(n=step, name=name)


def with_shell(name: str) -> str:
    """A plan without findings of ten steps of ten lines of shell, no two of which are alike."""
    steps = "".join(_SHELL_STEP.format(n=n, shell=shell_of_step(name, n)) for n in range(10))
    return (
        _HEAD.format(name=name)
        + '  let image = "registry.example/api:v1"\n  let namespace = "production"\n'
        + f'  phase p0 "All of it" {{\n    budget 2m\n{steps}  }}\n'
        + _TAIL.replace("took 5m", "took 2m")
    )
