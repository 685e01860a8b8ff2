/**
 * Who may connect, and how. The socket is in a directory that only this pod's containers have; everybody else gives a
 * password. The superuser does so from the pod itself only (`kubectl exec`, `kubectl port-forward`), if the props do
 * not ask for more. The image's entry point makes no line for replication, and its file is on the volume: this one is
 * the same for new and old data.
 */
export function hbaConf(replicationUser: string, superuserFromNetwork: boolean): string {
  const superuser = superuserFromNetwork
    ? ''
    : `host   all          postgres    127.0.0.1/32  scram-sha-256
host   all          postgres    ::1/128       scram-sha-256
host   all          postgres    all           reject
`;
  return `# database    user        address       method
local  all          all                       trust
${superuser}host   all          all         all           scram-sha-256
host   replication  ${replicationUser}  all           scram-sha-256
`;
}
