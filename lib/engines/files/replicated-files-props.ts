import { ContainerProps } from 'cdk8s-plus-28';
import { ReplicatedSystemProps } from '../../core/replicated-system-props';
import { RcloneVersion } from './rclone-version';

/**
 * Props of `ReplicatedFiles`.
 */
export interface ReplicatedFilesProps extends ReplicatedSystemProps {
  /**
   * The application that keeps the files. It runs in every pod. It writes at ordinal 0 only: at the others the kernel
   * refuses it (`Permission denied`), as the files there belong to another user.
   *
   * Its user is 1000, its group the files' own; another user may be named, but root and that of the files (999). Files
   * that it keeps from its group (umask 077) cannot be replicated, and the log says which. It has no capabilities, and
   * its root file system is read-only unless `securityContext` says otherwise. Its first port is that of the Services.
   */
  readonly container: ContainerProps;

  /**
   * Where the application finds its files.
   *
   * @default '/data'
   */
  readonly mountPath?: string;

  /**
   * The version of rclone, which copies the files. Only its program is taken from its image, by an init container.
   *
   * @default RcloneVersion.V1
   */
  readonly rclone?: RcloneVersion;

  /**
   * The image that the scripts run in, next to rclone's program: one with bash, GNU's tools and awk, perl and flock, as
   * every image of Debian has them. Pin a digest to decide yourself when it changes.
   *
   * @default 'debian:13-slim'
   */
  readonly image?: string;

  /**
   * The port on which the pods give one another their files, over SFTP.
   *
   * @default 8022
   */
  readonly replicationPort?: number;
}
