import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Result, Sandbox, Script } from '../../core/scripts/sandbox';

const PASSWORD = 'it\'s "secret" \\1';

/**
 * A pod with plain files, without rclone: what stands in for it (`stub/rclone`) takes the other pods for folders.
 */
export class FilesPod extends Sandbox {
  private readonly path: string;

  /**
   * @param ordinal the pod's
   * @param settings of settings.sh, over the usual ones
   */
  constructor(ordinal: number, settings: { [name: string]: string } = {}) {
    super(ordinal, settings, { scriptsOf: 'files' });
    this.patience = 60_000; // its scripts start many programs
    this.write('credentials/replication-password', PASSWORD);
    // To make them takes a while (keys.sh).
    for (const file of ['key', 'authorized-keys', 'known-hosts'])
      this.write(`state/keys-${createHash('sha256').update(PASSWORD).digest('hex').slice(0, 16)}/${file}`, '');
    mkdirSync(join(this.folder, 'bin'));
    symlinkSync(join(__dirname, 'stub', 'rclone'), join(this.folder, 'bin', 'rclone'));
    this.program('getent', 'exit 2'); // by their names pods are found all the same
    this.path = `${join(this.folder, 'bin')}${delimiter}${process.env.PATH}`;
  }

  /** A program instead of that of the image. */
  public program(name: string, script: string): void {
    rmSync(join(this.folder, 'bin', name), { force: true }); // it may be a link
    this.executable(join('bin', name), script);
  }

  /** A script that others start. */
  public executable(path: string, script: string): void {
    writeFileSync(join(this.folder, path), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.folder, path), 0o755);
  }

  public override start(script: string, env: { [name: string]: string } = {}): Script {
    return super.start(script, { PATH: this.path, ...env });
  }

  /** Runs shell text on the data in the folder `volume`, and fails if that does. */
  public async does(script: string): Promise<Result> {
    const result = await this.run(`use_data "$volume"\n${script}`);
    if (result.status !== 0) throw new Error(`ended with ${result.status}, logged:\n${result.log.join('\n')}`);
    return result;
  }

  /** Where the files are of a pod that answers. */
  public served(ordinal: number): string {
    const folder = join(this.folder, 'stub', 'pods', `orders-${ordinal}`);
    for (const part of ['files', 'published', 'signs']) mkdirSync(join(folder, part), { recursive: true });
    return folder;
  }
}

/**
 * Shell text for a replica whose primary is the folder of the pod that answers as ordinal 0: `change` its tree, have it
 * `publish_all`, look at what it has without publishing it (`look`, into $seen), `come` to that.
 */
export const WITH_PRIMARY = `
  . "$scripts/publish.sh"
  . "$scripts/follow.sh"
  renew_lists() { [ "$files" = "$primary/files" ] || echo "$mark" >>"$state/renewed"; } # there is no server
  primary=$STUB/pods/orders-0 seen=$state/primary/own
  mkdir -p "$primary/files" "$primary/published" "$state/primary"
  no_entries "$seen"
  at_primary() (data=$primary files=$primary/files published=$primary/published work=$state/primary; "$@")
  change() { (cd "$primary/files"; eval "$1") 2>/dev/null || true; }
  # Twice, as what is missed for the first time is kept once more (missing.awk).
  look() { at_primary look_once; at_primary look_once; }
  look_once() { scan; mv "$work/scan" "$work/own"; note_scan; }
  come() { plan "$work/own" "$seen" && carry_out "$seen" "$(core_host_of 0)" follow; }
  # The same by the change that leads there.
  come_by_change() {
    on_manifests delta.awk "$work/own" "$seen" >"$work/delta"
    plan_change "$work/delta" && carry_out "$work/target" "$(core_host_of 0)" follow
  }
  recover() { at_primary recover_once; } # on another volume
  recover_once() { unpack "$published/manifest" >"$work/same"; publish_recovered "$work/same"; }
  publish_all() { at_primary publish_as_new_run; }
  publish_as_new_run() {
    if [ ! -e "$published/position" ]; then
      printf 'documents 0 first\\nfirst 0\\n' | put position
      echo 'documents 0 first 0' | put manifest
    fi
    rm -f "$work/scan"
    begin_publishing
    while scan; ! cmp -s "$work/scan" "$work/own"; do publish; done
  }
  # blank: the replica has of the same data what there was at first, which is nothing
  blank() { echo 'documents 0 first' | put position; echo 'documents 0 first 0' | put manifest; }
  no_entries "$work/own"
`;
