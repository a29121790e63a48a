"""Input that never arrives, folders and links that land elsewhere: in every way of writing them."""

from __future__ import annotations

import pytest

from tests.checking import checked

HEAD = """rbplan 1
plan x "X" {
  level 2
  let hosts = ["web1", "web2"]
  let pod = "db-0"
  let cur = "/srv/shop/current"
  capture { step k "K" { creates kept "k.tgz"; run `ssh -n web1 'tar -czf - /srv/app/conf' >"$kept"` } }
"""
INPUT = [
    ('zcat a.gz | kubectl exec -n shop "$pod" -- mysql shop', True),
    ('k() { kubectl -n shop "$@"; }\nzcat a.gz | k exec db-0 -- mysql shop', True),
    ("ssh bastion kubectl -n shop exec db-0 -- mysql shop <a.sql", True),
    ('ssh bastion "zcat /tmp/x.gz | docker exec db mysql shop"', True),
    ("cat <<'EOF' | oc exec db-0 -- mysql shop\ndelete from x where y = 1;\nEOF", True),
    ("docker exec db sh -c 'mysql shop' <<<\"$(zcat a.gz)\"", True),
    ("ssh -nT web1 'mysql shop' </tmp/x.sql", True),
    ("kubectl run tmp --rm --restart=Never --image=mysql:8.0.3 -- mysql shop </tmp/x.sql", True),
    (
        "kubectl run tmp --rm -i --restart=Never --image=mysql:8.0.3 -- mysql shop </tmp/x.sql",
        False,
    ),
    ("docker run -di --rm x:1 </tmp/y", False),
    ("kubectl exec -it db-0 -- mysql </tmp/x.sql", False),
    ("kubectl get pods -o name | while read -r p; do kubectl exec $p -- kill -HUP 1; done", False),
    ("if kubectl exec db-0 -- mysql -e 'select 1' | grep -q 1; then echo ok; fi", False),
    ("mapfile -t names < <(kubectl -n shop exec db-0 -- ls /data)", False),
    ("ssh -n web1 'mysql shop </srv/x.sql'", False),
    ("cat x | ssh web1 'cat >/tmp/x; docker exec web nginx -s reload'", False),
]
FOLDERS = [
    ("ssh -n web1 'cp -rp /tmp/r/srv/app/conf /srv/app/conf'", True),
    ("sudo -n cp -R /var/backups/nginx /etc/nginx", True),
    ("mv /var/backups/grafana /var/lib/grafana", True),
    ("cp -a /var/backups/haproxy/ /etc/haproxy/", True),
    ("cp -a /var/backups/haproxy /etc/", False),
    ("cp -r /etc/redis /etc/redis.bak", False),
    ("cp -a kept/hosts /etc/hosts", False),
    ('d=/etc/postfix; mv $d $d.bad && cp -a /root/postfix "$d"', False),
    ("rm -rf /etc/haproxy\ncp -a /srv/kept/haproxy /etc/haproxy", False),
    ("[ -e /etc/varnish ] || cp -r /srv/kept/varnish /etc/varnish", False),
]
LINKS = [
    ('ssh -n web1 "ln -sf /srv/shop/releases/2026.04 $cur && sudo -n systemctl reload php"', True),
    ("cd /var/www/site && ln -sf releases/20260401 current", True),
    ("ln -fs /srv/shop/releases/41 /opt/app/latest", True),
    (
        "ln -s /opt/jdk-17 /opt/jdk.tmp; mv -f /opt/jdk.tmp /opt/jdk; /opt/jdk/bin/java -version",
        True,
    ),
    ("ln -sf /srv/shop/3.1/config.yml /srv/shop/current/config.yml", False),
    ("ln -snf /srv/shop/releases/3.1 /srv/shop/current", False),
    ("unlink /srv/crm/current; ln -s /srv/crm/3.1 /srv/crm/current", False),
    ("ln -sf /usr/bin/python3.11 /usr/local/bin/python3", False),
]
SERVERS = [
    ("cd /var/lib/redis; cp /backup/dump.rdb .; systemctl restart redis", True),
    ("docker cp /backup/dump.rdb redis:/data/dump.rdb; docker restart redis", True),
    ("tar -C /var/lib/prometheus -xzf p.tgz; systemctl restart prometheus", True),
    ("ssh m1 'cat >/var/lib/grafana/grafana.db && service grafana-server restart' <g.db", True),
    ("rsync -a /b/pg/ /var/lib/postgresql/16/main/; systemctl restart postgresql@16-main", True),
    ("systemctl stop redis; cp b.rdb /var/lib/redis/dump.rdb; systemctl restart redis", False),
    ("cp b.rdb /var/lib/redis/dump.rdb; systemctl start redis", False),
    ("cp b.sql /var/lib/mysql/b.sql; systemctl restart mysql", False),
    ("cp b.rdb /var/lib/redis/dump.rdb; systemctl restart nginx", False),
]
FUNCTIONS = [
    ('d() { rsync -a a/ "$1:/b/"; ./restart.sh "$1"; }\nd web1 || failed+=(web1)', True),
    (
        "r() { helm rollback a 3 --wait; helm rollback b 4 --wait; }\nuntil r; do sleep 5; done",
        True,
    ),
    ("r() { helm rollback a 3 --wait; helm rollback b 4 --wait; }\nif r; then echo; fi", True),
    ("r() { helm rollback a 3 --wait; helm rollback b 4 --wait; }\nr", False),
    ("r() { helm rollback a 3 --wait || return; helm rollback b 4 --wait; }\nr || exit 1", False),
    ('log() { echo "$*"; logger "$*"; }\n./a.sh || log "not yet"', False),
    ("ok() { test -f /tmp/ok; curl -fsS http://x/; }\nok || echo no", False),
    ("two() { ./a.sh && ./b.sh; }\ntwo || exit 1", False),
]
CASES = [
    (code, shell, found)
    for code, cases in (
        ("RB964", INPUT),
        ("RB980", FOLDERS),
        ("RB982", LINKS),
        ("RB540", SERVERS),
        ("RB968", FUNCTIONS),
    )
    for shell, found in cases
]


@pytest.mark.parametrize(("code", "shell", "found"), CASES)
def test_it_is_found_or_not(code: str, shell: str, found: bool) -> None:
    step = (
        f'phase a "A" {{ budget 9m; step s "S" {{ timeout 8m; run ````\n{shell}\n```` }} }}\n}}\n'
    )
    codes = {d.code for d in checked(HEAD + step).diagnostics}
    assert (code in codes) == found


PROBES = [
    ("psql -w -Atc 'select 1 from x' | grep -q 1", True),
    ("mysql -NBe 'select done from x' | tail -n 1 | grep -Fxq yes", True),
    ("curl -fs http://x/ | grep -q done || exit 1", True),
    ("test t = \"$(psql -w -Atc 'select x from y')\"", True),
    ("[[ -n $(kubectl -n a get job drop -o name) ]]", True),
    ("kubectl -n a get job/drop", True),
    ("[[ \"$(psql -w -Atc 'select n from y')\" != 7 ]]", False),
    ("n=\"$(psql -w -Atc 'select n from y')\" || exit 2; ((n > 0))", False),
    ("test -e /srv/crossed", False),
    ("ssh -n web1 test -e /srv/crossed", False),
    ("grep -q 8 /srv/version", False),
    ("! psql -w -Atc 'select 1 from x' | grep -q 1", False),
]


@pytest.mark.parametrize(("probe", "found"), PROBES)
def test_a_probe_says_no_where_it_cannot_ask(probe: str, found: bool) -> None:
    point = f"""point_of_no_return p "P" {{
      crossed when ````
        {probe}
      ````
      blocks a
      forward_fix {{ manual "On" }}
    }}
    phase a "A" {{ budget 9m; step s "S" {{ run `./a.sh` }} }}
    }}
    """
    codes = {d.code for d in checked(HEAD + point).diagnostics}
    assert ("RB710" in codes) == found
