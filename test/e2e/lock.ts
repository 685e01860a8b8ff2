/**
 * Who may touch the cluster: many side by side, or one alone. In the order in which they ask, so that nobody waits for
 * ever: who asks to be alone holds up those that ask after it.
 */
export class Lock {
  private sharing = 0;
  private isAlone = false;
  private readonly waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  /** Does the work beside that of others. */
  public beside<T>(work: () => Promise<T>): Promise<T> {
    return this.hold(false, work);
  }

  /** Does the work while nobody else does any. */
  public alone<T>(work: () => Promise<T>): Promise<T> {
    return this.hold(true, work);
  }

  private async hold<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.waiting.push({ alone, enter });
      this.admit();
    });
    try {
      return await work();
    } finally {
      if (alone) {
        this.isAlone = false;
      } else {
        this.sharing -= 1;
      }
      this.admit();
    }
  }

  private admit(): void {
    for (let next = this.waiting.at(0); next !== undefined; next = this.waiting.at(0)) {
      if (this.isAlone || (next.alone && this.sharing > 0)) {
        return;
      }
      if (next.alone) {
        this.isAlone = true;
      } else {
        this.sharing += 1;
      }
      this.waiting.shift();
      next.enter();
    }
  }
}
