import { Cluster } from '../e2e/cluster';
import { inContainer } from './bench';

/** What a container takes. */
export interface Spent {
  /** Of CPU, in a second. */
  readonly milliseconds: number;
  /** Of memory. */
  readonly mebibytes: number;
}

/**
 * The container's own cgroup, of either version, by nothing but bash's builtins: between the two looks the reader
 * sleeps, so that what it costs is before and after. Its memory is the one thing to take off: what it has for itself,
 * pages and page tables. Prints seconds, microseconds of CPU, bytes, bytes of the reader.
 */
const script = (seconds: number): string => `
  root=/sys/fs/cgroup
  cpu() { if [[ -e $root/cpu.stat ]]; then read -r _ us <$root/cpu.stat; else read -r us <$root/cpuacct/cpuacct.usage; us=$((us / 1000)); fi; }
  exec {bed}<> <(:)
  wait $!
  cpu; begin=$EPOCHREALTIME from=$us
  read -rt ${seconds} -u $bed _
  cpu; end=$EPOCHREALTIME
  if [[ -e $root/memory.current ]]; then read -r bytes <$root/memory.current; else read -r bytes <$root/memory/memory.usage_in_bytes; fi
  own=0
  while read -r name size _; do case $name in VmPTE: | RssAnon: | VmStk:) own=$((own + size * 1024)) ;; esac; done </proc/self/status
  echo "$((\${end/[.,]/} - \${begin/[.,]/})) $((us - from)) $bytes $own"`;

/** Looks so long at all of the container's processes, its probes included. */
export async function spentBy(cluster: Cluster, pod: string, container: string, seconds: number): Promise<Spent> {
  const [elapsed, cpu, bytes, reader] = (await inContainer(cluster, pod, container, script(seconds)))
    .trim()
    .split(/\s+/)
    .map(Number);
  return { milliseconds: cpu / 1000 / (elapsed / 1e6), mebibytes: (bytes - reader) / 1024 / 1024 };
}
