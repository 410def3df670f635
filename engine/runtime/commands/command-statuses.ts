import type { CommandStatus } from '../../api/protocol.ts';

/** So many commands can be asked for; those before are forgotten, the oldest first. */
const KEPT_STATUSES = 10_000;

/** What became of commands, by their ids. */
export class CommandStatuses extends Map<string, CommandStatus> {
  override set(id: string, status: CommandStatus): this {
    // A command that comes again is the newest.
    this.delete(id);
    super.set(id, status);
    if (this.size > KEPT_STATUSES) this.delete(this.keys().next().value!);
    return this;
  }
}
