# shellcheck shell=bash
# shellcheck disable=SC2034 # they are used by the scripts that source this
# What a pod finds as settings.sh: the props as shell variables. Written by lib/core/render/settings.ts; this example is
# for shellcheck and for those who write an engine.
port=5432
volume=/var/lib/postgresql/data
credentials=/run/secrets/stateful
max_lag=60           # seconds out of sync until a replica is no longer ready
leave_timeout=150    # seconds that a leaving pod waits for higher ordinals
lost_primary=recover # or stop: what an ordinal 0 without data does while others have some
# these only where the first data comes from another database
source_host=orders-primary
source_port=5432
source_credentials=/run/secrets/source
# these only with backups,
declared_name=orders                # which kustomize may have changed
backup_remote=backup:backups/team-a # in rclone's words
backup_sealed=no                    # or yes: with a passphrase
max_data_loss=60                    # seconds
max_unshipped=2147483648            # bytes of the log that may wait for the store; 0 for all that the volume holds
retention=1209600                   # seconds
full_backup_every=7                 # those between hold what changed since the one before; not there: all are full
rate_limit=20480                    # KiB a second, or not there
backs_up_from_volume=yes            # where only a job can take a copy, or not there
# and these only with what is restored
restore_remote=restore:backups/team-a
restore_sealed=no
restore_name=orders
restore_namespace=shop
restore_until=2026-11-29T10:00:00Z # or latest, or a backup's name
# From here on the engine's own: PostgreSQL's are
database=app
user=app
replication_user=replicator
read_only=no # or yes: no one can write
# Redis' and Valkey's are, instead of the database,
program=redis
append_fsync=always # or everysec
unflushed=0         # so many seconds a primary may lose with its node
max_memory=409mb
# MariaDB's are also
copy_port=4444
copy_scratch=/run/copies
# and MySQL's
log_size=429496729
