export type Log = (text: string) => void;

/**
 * What is told of one engine: line by line, each with its name, as others tell theirs meanwhile. And what was told
 * since `begin`, for the record.
 */
export class Journal {
  private lines: string[] = [];

  constructor(
    private readonly subject: string,
    private readonly print: Log = console.log,
  ) {}

  /** Says when and of whom. */
  public readonly log: Log = (text) => this.tell(`${new Date().toISOString().slice(11, 19)} ${this.subject}: `, text);

  /** More than a line: all of it together, each line with the name. */
  public readonly show: Log = (text) => this.tell(`${this.subject}| `, text.split('\n').join(`\n${this.subject}| `));

  public begin(): void {
    this.lines = [];
  }

  public get text(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }

  private tell(prefix: string, text: string): void {
    const line = `${prefix}${text}`;
    this.lines.push(line);
    this.print(line);
  }
}
