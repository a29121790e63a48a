"""Commands that destroy, by what they destroy: data for the rules of this family.

`loses` completes "this takes away …", or says what comes of it. What is only looked at, or asked
for with a dry run, is none of them.
"""

from __future__ import annotations

from rbdsl.rules.forms import Form, by_program

LACKING = "what the source lacks"
"""What a copy loses that makes the target like its source."""
_DRY = "dry-run dry_run dryrun n help whatif"

RESETS = by_program(
    [
        Form("flyway", ".. clean", "every object of the schemas", without=_DRY),
        Form("liquibase", ".. drop-all|dropAll", "every object of the schema"),
        Form("alembic", ".. downgrade base", "every table of every migration", without="sql"),
        Form("rails|rake", "db:drop", "the whole database"),
        Form("rails|rake", "db:reset|db:schema:load|db:structure:load", "every row of it"),
        Form("rails|rake", "db:migrate:reset|db:purge|db:truncate_all", "every row of it"),
        Form("prisma", "migrate reset", "the whole database"),
        Form("prisma", "db push", "what the schema lacks", options="force-reset accept-data-loss"),
        Form("sequelize|sequelize-cli", "db:drop", "the whole database"),
        Form("sequelize|sequelize-cli", "db:migrate:undo:all", "every table of every migration"),
        Form("knex", "migrate:rollback", "every table of every migration", options="all"),
        Form("typeorm", "schema:drop", "every table"),
        Form("dbmate", ".. drop", "the whole database"),
        Form("migrate", ".. drop", "everything in the database"),
        Form("goose", ".. reset", "every table of every migration"),
        Form("goose", ".. down-to 0", "every table of every migration"),
        Form("supabase", "db reset", "the whole database"),
    ]
)
"""Migration tools, told to go back to nothing."""

NESTED_RESETS = {
    # words somewhere in the call, in this order, of what runs a tool: bundle, npx, php, python
    "artisan migrate:fresh": "every table",
    "artisan migrate:refresh": "every table of every migration",
    "artisan migrate:reset": "every table of every migration",
    "artisan db:wipe": "every table",
    "console doctrine:schema:drop": "every table",
    "console doctrine:database:drop": "the whole database",
    "rails db:drop": "the whole database",
    "rails db:reset": "every row of it",
    "rails db:schema:load": "every row of it",
    "rake db:drop": "the whole database",
    "rake db:reset": "every row of it",
    "prisma migrate reset": "the whole database",
    "sequelize db:drop": "the whole database",
    "alembic downgrade base": "every table of every migration",
    "mix ecto.drop": "the whole database",
    "mix ecto.reset": "the whole database",
    "manage.py flush": "every row of it",
    "manage.py reset_db": "the whole database",
}

INFRASTRUCTURE = by_program(
    [
        Form("terraform|tofu|terragrunt", "destroy", "all that the configuration made"),
        Form("terraform|tofu", "apply", "all that the configuration made", options="destroy"),
        Form("terragrunt", "run-all destroy", "all that the configurations made"),
        Form("pulumi", "destroy", "all that the stack made"),
        Form("cdk", "destroy", "all that the stack made"),
        Form("serverless|sls", "remove", "all that the service made"),
        Form("aws", "cloudformation delete-stack", "all that the stack made", names="stack-name"),
        Form(
            "aws",
            "rds delete-db-instance|delete-db-cluster",
            "the database, and no snapshot is taken of it",
            options="skip-final-snapshot",
            names="db-instance-identifier db-cluster-identifier",
        ),
        Form("aws", "rds delete-db-snapshot", "a backup"),
        Form("aws", "dynamodb delete-table", "the table with all items", names="table-name"),
        Form("aws", "elasticache delete-replication-group|delete-cache-cluster", "the cache"),
        Form("aws", "ec2 terminate-instances", "the instances and their own disks"),
        Form("aws", "ec2 delete-volume", "the disk"),
        Form("aws", "ecr batch-delete-image", "images to go back to"),
        Form("aws", "logs delete-log-group", "the logs", names="log-group-name"),
        Form("pg_dropcluster", "", "the cluster with all its databases"),
        Form("bq", "rm", "the data set with all its tables", options="r"),
        Form("influx", "bucket delete", "every series of the bucket"),
        Form("eksctl", "delete cluster", "the cluster"),
        Form("gcloud", "projects delete", "all of the project"),
        Form("gcloud", "sql instances|databases|backups delete", "the database"),
        Form("gcloud", "container clusters delete", "the cluster"),
        Form("gcloud", "compute instances|disks|snapshots delete", "the machine or disk"),
        Form("az", "group delete", "all of the resource group", names="name n resource-group g"),
        Form("az", "sql db delete", "the database"),
        Form("az", "aks delete", "the cluster"),
        Form("az", "postgres|mysql flexible-server delete", "the database server"),
        Form("doctl", "databases delete|rm", "the database cluster"),
        Form("heroku", "pg:reset", "the whole database"),
        Form("heroku", "apps:destroy|addons:destroy", "the application or its database"),
        Form("fly|flyctl", "apps|volumes destroy", "the application or its volume"),
    ]
)
"""What was made in a cloud, and goes as a whole."""

STATE = by_program(
    [
        Form(
            "terraform|tofu", "state rm", "what it names stays in the cloud, and no plan knows it"
        ),
        Form(
            "terraform|tofu|terragrunt", "state push", "what was made since that state is forgotten"
        ),
        Form("terraform|tofu", "force-unlock", "the run that holds the lock may be going on"),
        Form("pulumi", "state delete", "what it names stays in the cloud, and no plan knows it"),
        Form("pulumi", "stack import", "what was made since that state is forgotten"),
    ]
)
"""Terraform's state, written by hand."""

_KINDS = "namespace|namespaces|ns|project"
_VOLUMES = "pvc|pv|persistentvolumeclaim|persistentvolumeclaims|persistentvolume|persistentvolumes"
CLUSTER = by_program(
    [
        Form("kubectl|oc", f"delete {_KINDS}", "everything in the namespace, volumes too"),
        Form("kubectl|oc", f"delete {_VOLUMES}", "the data of the volume"),
        Form("kubectl|oc", "delete crd|crds|customresourcedefinition", "every object of that kind"),
        Form(
            "kubectl|oc",
            "delete customresourcedefinitions|crds.apiextensions.k8s.io",
            "every object of that kind",
        ),
        Form("kubectl|oc", "delete statefulset|statefulsets|sts|all", "all of it", options="all"),
        Form("kubectl|oc", "delete", "every object of that kind", also="all"),
        Form("kubectl|oc", "apply", "what the files do not name", options="prune"),
        Form("nomad", "job stop", "the job and its history", options="purge"),
    ]
)
"""What goes from a cluster with all that belongs to it."""

FORCED = by_program(
    [
        Form(
            "kubectl|oc",
            "delete",
            "the process may go on, and write to its volume",
            options="force now grace-period=0",
        ),
        Form("kubectl|oc", "replace", "it is gone before the new one is there", options="force"),
        Form(
            "kubectl|oc",
            "drain",
            "what pods keep in emptyDir is lost",
            options="delete-emptydir-data",
        ),
        Form(
            "kubectl|oc", "drain", "what pods keep in emptyDir is lost", options="delete-local-data"
        ),
        Form("kubectl|oc", "drain", "budgets of pods are passed over", options="disable-eviction"),
    ]
)
"""Objects of a cluster, removed without waiting for them."""

OBJECTS = by_program(
    [
        Form("aws", "s3 rm", "every object under it", options="recursive", without="dryrun"),
        Form("aws", "s3 rb", "the bucket with all objects", options="force"),
        Form("aws", "s3 sync", LACKING, options="delete", without="dryrun"),
        Form("gsutil", ".. rm", "every object under it", options="r R a"),
        Form("gsutil", ".. rsync", LACKING, options="d", without="n"),
        Form("gcloud", "storage rm", "every object under it", options="r R recursive"),
        Form("gcloud", "storage rsync", LACKING, options=(
            "delete-unmatched-destination-objects"
        )),
        Form("az", "storage blob|container delete-batch|delete", "the objects"),
        Form("rclone", "purge|delete", "every object under it", without="dry-run n i"),
        Form("rclone", "sync", LACKING, without="dry-run n i"),
        Form("mc", "rm", "every object under it", also="recursive"),
        Form("mc", "rb", "the bucket with all objects", options="force"),
        Form("mc", "mirror", LACKING, options="remove"),
        Form("rsync", "", LACKING, options=(
            "delete delete-after delete-before delete-during delete-excluded"
        ), without="dry-run n"),
    ]
)  # fmt: skip
"""Objects and files in number."""

VOLUMES = by_program(
    [
        Form("docker|podman|nerdctl", "compose .. down", "the named volumes", options="v volumes"),
        Form("docker-compose|podman-compose", ".. down", "the named volumes", options="v volumes"),
        Form("docker|podman", "volume rm|remove", "the volume with all that is in it"),
        Form("docker|podman|nerdctl", "volume prune", "every volume that no container uses now"),
        Form("docker|podman", "system prune", "images to go back to", options="a all volumes"),
        Form("docker|podman", "image prune", "images to go back to", options="a all"),
        Form("crictl", "rmi", "images to go back to", options="prune all a"),
        Form("docker|podman", "swarm leave", "the state of the swarm", options="force f"),
        Form("nerdctl", "system prune", "images to go back to", options="a all volumes"),
    ]
)
"""Volumes and images of a container host."""

DEVICES = by_program(
    [
        Form("mkfs|mkfs.ext4|mkfs.ext3|mkfs.xfs|mkfs.btrfs|mkfs.vfat|mke2fs|mkswap", "", "a disk"),
        Form("wipefs", "", "the signatures of a disk", options="a all o offset"),
        Form("blkdiscard|sgdisk|sfdisk", "", "a disk"),
        Form("parted", ".. mklabel|rm|mkpart", "the partitions of a disk"),
        Form("lvremove|vgremove|pvremove", "", "a logical volume"),
        Form("zpool", "destroy|labelclear", "the pool with all data sets"),
        Form("zfs", "destroy", "the data set"),
        Form("zfs", "rollback", "the snapshots after it", options="r R"),
        Form("cryptsetup", "luksFormat|erase|luksErase", "a disk"),
        Form("mdadm", "", "an array", options="zero-superblock"),
    ]
)
"""Disks and file systems."""

FIREWALL = by_program(
    [
        Form("iptables|ip6tables", "", "every rule, those of others too", options="F flush X"),
        Form("iptables|ip6tables", ".. -F", "every rule, those of others too"),
        Form("nft", "flush ruleset|table|chain", "every rule, those of others too"),
        Form("ufw", ".. reset|disable", "every rule"),
        Form("ipvsadm", "", "every virtual server", options="C clear"),
    ]
)
"""Rules of a host."""

QUEUES = by_program(
    [
        Form("kafka-topics|kafka-topics.sh", "", "every message", options="delete", names="topic"),
        Form("kafka-delete-records|kafka-delete-records.sh", "", "messages"),
        Form("rabbitmqadmin", ".. purge|delete queue|vhost", "every message in it"),
        Form("rabbitmqctl", "delete_queue", "every message in it", without="if-empty e"),
        Form("rabbitmqctl", "purge_queue|delete_vhost", "every message in it"),
        Form("rabbitmqctl", "reset|force_reset", "queues, users and permissions of the node"),
        Form("aws", "sqs purge-queue|delete-queue", "every message in it"),
        Form("gcloud", "pubsub topics|subscriptions delete", "every message in it"),
        Form("nats", "stream rm|purge|del", "every message in it"),
        Form("celery", ".. purge", "every task that waits"),
        Form("etcdctl", "del", "every key below it", options="prefix from-key"),
        Form("consul", "kv delete", "every key below it", options="recurse"),
        Form("vault", "secrets|auth disable", "every secret below it"),
        Form("vault", "kv destroy", "a version of a secret for good"),
        Form("vault", "kv metadata delete", "every version of a secret"),
        Form("vault", "delete", "a secret"),
        Form("aws", "kms schedule-key-deletion", "what only this key decrypts", names="key-id"),
        Form(
            "aws",
            "secretsmanager delete-secret",
            "a secret for good",
            options="force-delete-without-recovery",
            names="secret-id",
        ),
        Form("influx", "delete", "what the series hold in that time"),
    ]
)
"""Messages, keys and secrets."""
