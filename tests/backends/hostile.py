"""A plan with every statement, and one text of one's choice in every place that takes a text."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text as a string of the language, whatever is in it."""
    return (
        '"'
        + "".join(c if c.isalnum() and c.isascii() else f"\\u{{{ord(c):x}}}" for c in text)
        + '"'
    )


def shell(text: str) -> str:
    """A text as a fence of shell, inside of quotes that no shell reads as code."""
    quoted = "'" + text.replace("'", "'\\''") + "'"
    fence = "`" * (3 + max((len(run) for run in quoted.split("\n")), default=0))
    return f"{fence}\n: {quoted}\n{fence}"


def hostile_plan(text: str, code: str = "true") -> str:
    """The plan; `code` is the shell in every place that takes shell."""
    s, sh = literal(text), shell(code)
    return _PLAN.replace("TEXT", s).replace("SHELL", sh)


_PLAN = """
rbplan 1
plan hostile TEXT {
  operation TEXT
  permit TEXT
  owner TEXT
  level 2
  created 2025-12-09T10:00:00Z
  updated 2025-12-09T14:00:00Z
  risk high TEXT
  automation gated
  change TEXT
  note TEXT
  claims 9m
  timeout 1h
  service api in production { version TEXT -> TEXT }
  let value = TEXT
  let values = [TEXT, TEXT]
  param given: string = TEXT TEXT
  secret TOKEN TEXT
  metrics from prometheus TEXT {
    errors ratio SHELL
  }
  metrics from http TEXT json ".value" {
    failures count
  }
  capture {
    fact TEXT is TEXT
    step keep TEXT {
      creates kept "kept.txt" checksum sha256
      run SHELL
      note TEXT
    }
    baseline SHELL
  }
  triggers {
    automatic {
      errors > 1% for 2m -> part
      failures > 3 consecutive
    }
    manual {
      TEXT
      TEXT
    }
    no_data alert after 1m
  }
  point_of_no_return gone TEXT {
    because TEXT
    crossed when SHELL
    blocks work
    forward_fix {
      step fix TEXT { run SHELL }
      manual TEXT
    }
  }
  phase work TEXT {
    budget 8m
    objective TEXT
    critical TEXT
    note TEXT
    step one TEXT {
      for api
      uses kept
      run SHELL
      undo SHELL
      done_when SHELL
      expect TEXT SHELL equals TEXT
      expect SHELL contains TEXT within 10s every 5s
      expect SHELL matches "a"
      takes 1m
      timeout 2m
      critical TEXT
      note TEXT
    }
    gate TEXT { approvers TEXT, TEXT; timeout 1m; otherwise abort; note TEXT }
    manual by_hand TEXT { by TEXT; takes 1m; timeout 1m; note TEXT }
    ensure step always TEXT { run SHELL; timeout 10s }
  }
  phase verify "Verify" {
    after work
    budget 1m
    verify
  }
  scenario part TEXT {
    run verify
    use_when TEXT
    note TEXT
  }
  scenario only_api TEXT {
    only api
    use_when TEXT
  }
  verification {
    check seen TEXT { expect TEXT SHELL equals TEXT; note TEXT }
    metric errors < 0.1%
    confirm TEXT
  }
  testing {
    in blue as production {
      deploy SHELL
      failed 2025-12-09T15:00:00Z
      passed 2025-12-09T16:00:00Z
      note TEXT
    }
    in staging {
      deploy SHELL
      passed 2025-12-09T15:00:00Z
      took 2m
      evidence TEXT
      note TEXT
    }
    rehearsal {
      held 2025-12-09T15:00:00Z
      duration 30m
      participants TEXT, TEXT
      evidence TEXT
      note TEXT
    }
    checklist { done TEXT; todo TEXT }
  }
  communications {
    channel slack TEXT using SLACK_URL
    notify slack on start, failure
    audience TEXT { within 15m; message TEXT }
  }
  escalation {
    rung TEXT 0m..5m { contact TEXT; do TEXT, TEXT }
    rung TEXT 5m.. { contact TEXT; do TEXT }
  }
  validation {
    window TEXT 0m..15m { group TEXT { TEXT; TEXT } }
    window TEXT 1h..24h { group TEXT { TEXT } }
  }
  archive folder TEXT
  hook start SHELL
}
"""
