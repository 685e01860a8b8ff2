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
