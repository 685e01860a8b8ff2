/**
 * Who may connect, and how. The socket is in a directory that only this pod's containers have; everybody else gives a password.
 * The image's entry point makes no line for replication, and its file is on the volume: this one is the same for new and old data.
 */
export function hbaConf(replicationUser: string): string {
  return `# database    user        address  method
local  all          all                  trust
host   all          all         all      scram-sha-256
host   replication  ${replicationUser}  all      scram-sha-256
`;
}
