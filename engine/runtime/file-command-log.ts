import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command, CommandLog, NewCommand } from './command-log.ts';

/**
 * The command log of an engine by itself: with a file it survives a restart, without one it lives as long as the engine. A torn
 * last line (the process died while writing) is dropped: its statement was never answered.
 */
export class FileCommandLog implements CommandLog {
  readonly #path: string | undefined;
  readonly #commands: Command[] = [];
  #lastSequence = -1;

  constructor(path?: string) {
    this.#path = path;
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) this.#load(path);
  }

  /** Number of the last command; -1 before the first. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  get commands(): readonly Command[] {
    return this.#commands;
  }

  /** Adds a command and returns it with its sequence number. With a file it is on its way to the disk when this returns. */
  async append({ commandId: _, ...command }: NewCommand): Promise<Command> {
    const numbered: Command = { sequence: ++this.#lastSequence, ...command };
    this.#commands.push(numbered);
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(numbered)}\n`);
    return numbered;
  }

  /** Forgets everything (after TERMINATE CLUSTER). */
  async clear(): Promise<void> {
    this.#commands.length = 0;
    if (this.#path !== undefined) writeFileSync(this.#path, '');
  }

  #load(path: string): void {
    const lines = readFileSync(path, 'utf8').split('\n');
    const torn = lines.pop();
    for (const line of lines) {
      if (line === '') continue;
      const command = JSON.parse(line) as Command;
      this.#commands.push(command);
      this.#lastSequence = Math.max(this.#lastSequence, command.sequence);
    }
    if (torn !== '') writeFileSync(path, this.#commands.map((command) => `${JSON.stringify(command)}\n`).join(''));
  }
}
