import type { JoinGroupAnswer, JoinGroupRequest } from '../protocol/membership-messages.ts';

export interface SyncAnswer {
  readonly errorCode: number;
  readonly assignment: Uint8Array;
}

export type MemberProtocols = JoinGroupRequest['protocols'];

const NOTHING = new Uint8Array();
/** About what a member takes besides what it says of itself, in bytes. */
const MEMBER_BYTES = 1000;

/** One member of a group, and what it waits for. */
export class JoinedMember {
  readonly clientId: string;
  readonly clientHost: string;
  readonly instanceId: string | null;
  id: string;
  protocols: MemberProtocols;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  assignment: Uint8Array = NOTHING;
  /** Answers its JoinGroup, once all have joined. */
  join: ((answer: JoinGroupAnswer) => void) | undefined;
  /** Answers its SyncGroup, once the leader has shared out. */
  sync: ((answer: SyncAnswer) => void) | undefined;
  cancelSession: () => void = () => undefined;

  constructor(id: string, request: JoinGroupRequest, client: { readonly id: string; readonly host: string }) {
    this.id = id;
    this.clientId = client.id;
    this.clientHost = client.host;
    this.instanceId = request.groupInstanceId;
    this.protocols = owned(request.protocols);
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    this.rebalanceTimeoutMs = rebalanceTimeoutOf(request);
  }

  /** About what it takes of memory. */
  get sizeBytes(): number {
    return this.protocols.reduce((sum, { metadata }) => sum + metadata.length, MEMBER_BYTES + this.assignment.length);
  }

  update(request: JoinGroupRequest): void {
    this.protocols = owned(request.protocols);
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    this.rebalanceTimeoutMs = rebalanceTimeoutOf(request);
  }

  metadataOf(protocol: string | undefined): Uint8Array {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NOTHING;
  }

  /** Whether it says the same of itself. */
  says(protocols: MemberProtocols): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, n) => {
        const own = this.protocols[n]!;
        return own.name === name && Buffer.compare(own.metadata, metadata) === 0;
      })
    );
  }

  /** Ends what it waits for with an error. */
  fail(errorCode: number): void {
    this.join?.({ errorCode, memberId: this.id });
    this.sync?.({ errorCode, assignment: NOTHING });
    this.join = undefined;
    this.sync = undefined;
  }
}

/** Copies, so that no request is kept for what it said. */
const owned = (protocols: MemberProtocols): MemberProtocols =>
  protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));

/** Before there was one of its own, it was that of the session. */
const rebalanceTimeoutOf = ({ rebalanceTimeoutMs, sessionTimeoutMs }: JoinGroupRequest): number =>
  rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs;
