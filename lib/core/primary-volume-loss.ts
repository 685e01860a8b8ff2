/**
 * What ordinal 0 does when it starts with an empty volume while other ordinals hold data.
 *
 * In neither case is a new database made, nor anything overwritten that exists.
 */
export enum PrimaryVolumeLoss {
  /**
   * Continue from the most advanced replica, once all ordinals have been heard. Changes that the lost primary
   * acknowledged and that had reached no replica are not in it; with synchronous replication there are none.
   */
  RECOVER = 'recover',

  /**
   * Do not start, and say so in the log. For those who would rather restore the lost volume first, and wait for a
   * person.
   */
  STOP = 'stop',
}
