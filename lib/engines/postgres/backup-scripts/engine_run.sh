# shellcheck shell=bash
# Instead of the function of that name in engine.sh, in a set that has a store.

# engine_run DIRECTORY: the log is kept until the store has it: archive.sh waits for the container `ship`. Data that was
# restored says whose it is. Where backups hold only what changed, every server notes that, as any may be copied.
engine_run() {
  if [[ -n ${backup_remote:-} ]]; then
    fixed_options+=(
      -c archive_mode=on
      -c "archive_command=$scripts/archive.sh %f"
      -c archive_library=
      -c "archive_timeout=$max_data_loss"
    )
  fi
  if [[ -n ${full_backup_every:-} ]]; then fixed_options+=(-c summarize_wal=on); fi
  if [[ -s $1/stateful.id ]]; then fixed_options+=(-c "stateful.id=$(head -n 1 "$1/stateful.id")"); fi
  base_engine_run "$1"
}
