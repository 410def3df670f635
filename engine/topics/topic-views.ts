import type { TopicViewInfo, TopicViewRequest } from '../api/topics/topics-protocol.ts';
import { TopicView, type ViewServices } from './topic-view.ts';

/** A view that nobody has asked for so long is closed, in milliseconds. */
const IDLE_MS = 120_000;
const CHECK_EVERY_MS = 15_000;
/** More views than this at a time, and the one that was not asked for longest goes. */
const MAX_VIEWS = 20;

interface Open {
  readonly view: TopicView;
  askedMs: number;
}

/** The views of topics that clients look at, by the ids that they were given. */
export class TopicViews {
  readonly #services: ViewServices;
  readonly #views = new Map<string, Open>();
  #timer: NodeJS.Timeout | undefined;

  constructor(services: ViewServices) {
    this.#services = services;
  }

  /** @throws EngineError when there is no such topic, or something is wrong with the condition */
  async open(topic: string, request: TopicViewRequest): Promise<TopicViewInfo> {
    const view = await TopicView.open(this.#services, topic, request);
    const id = crypto.randomUUID();
    const oldest = [...this.#views].sort(([, a], [, b]) => a.askedMs - b.askedMs)[0];
    if (this.#views.size >= MAX_VIEWS && oldest !== undefined) await this.close(oldest[0]);
    this.#views.set(id, { view, askedMs: performance.now() });
    this.#timer ??= setInterval(() => void this.#closeIdle(), CHECK_EVERY_MS).unref();
    return { id, ...view.info, formats: view.formats };
  }

  /** Undefined once it was closed. */
  get(id: string): TopicView | undefined {
    const open = this.#views.get(id);
    if (open !== undefined) open.askedMs = performance.now();
    return open?.view;
  }

  async close(id: string): Promise<void> {
    const open = this.#views.get(id);
    this.#views.delete(id);
    if (this.#views.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    await open?.view.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#views.keys()].map((id) => this.close(id)));
  }

  async #closeIdle(): Promise<void> {
    const beforeMs = performance.now() - IDLE_MS;
    for (const [id, { askedMs }] of this.#views) if (askedMs < beforeMs) await this.close(id);
  }
}
