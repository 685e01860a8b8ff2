// The shared scripts and an engine's are one shell with two owners. What begins with `core_` is of the shared scripts:
// an engine may call and read it. What both use has no prefix and stands here, and nowhere else.

/** How names begin that are the shared scripts' own. */
export const CORE_PREFIX = 'core_';

/** Variables of `settings.sh` that the library writes. */
export const CORE_SETTINGS: readonly string[] = [
  'port',
  'volume',
  'credentials',
  'max_lag',
  'leave_timeout',
  'lost_primary',
  'source_host',
  'source_port',
  'source_credentials',
  'declared_name',
  'backup_remote',
  'backup_sealed',
  'max_data_loss',
  'max_unshipped',
  'retention',
  'full_backup_every',
  'rate_limit',
  'backs_up_from_volume', // with `backup`
  'restore_remote',
  'restore_sealed',
  'restore_name',
  'restore_namespace',
  'restore_until', // with `restoreFrom`
];

/** Variables that the shared scripts set, and an engine reads: which pod this is, and where things are. */
export const READ_BY_ENGINES: readonly string[] = [
  'pod',
  'set_name',
  'ordinal',
  'domain',
  'container',
  'scripts',
  'config',
  'state',
];

/** Variables that an engine sets, and the shared scripts read: what its server reports, and what it is asked. */
export const SET_BY_ENGINES: readonly string[] = [
  'role',
  'synced',
  'synced_at',
  'lag',
  'recopy_reason',
  'recopy_source', // sync.sh
  'higher_leaving',
  'higher_connected', // leave.sh
  'session_end_command',
  'session_broken',
  'session_pid', // session.sh
  'lag_probe',
  'lag_probe_at',
  'lag_reached_at', // lag.sh
  'position_pattern',
  'refusal_pattern',
  'last_error_file',
  'receives_from',
  'replica_position',
  'primary_position',
  'primary_address',
  'difference',
  'log_needed_from', // follow.sh
  'former_primary', // former.sh
];

/** Functions that an engine calls. */
export const CALLED_BY_ENGINES: readonly string[] = ['log', 'log_change', 'die'];

/**
 * Functions that an engine may have of its own in `engine.sh`, for an image without the programs that the shared ones
 * take: of `tools.sh` and `pause.sh`.
 */
export const REPLACEABLE: readonly string[] = [
  'try_lock',
  'wait_lock',
  'await_unlocked',
  'await_port',
  'serve_status',
  'probe_peer',
  'pause',
];
