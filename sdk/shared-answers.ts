import type { AgentSaid } from '../contracts/agent-progress.js';

/** How long work goes on for nobody, in case a repeat of the call comes to collect it. */
const ORPHAN_MS = 5_000;

type Hear = (said: AgentSaid) => void;

interface Execution<Answer> {
  /** Callers that wait, as they are told what is said meanwhile. */
  hearers: Set<Hear>;
  fingerprint: string;
  answer: Promise<Answer>;
  done: boolean;
  waiting: number;
  abandon: AbortController;
  timer?: NodeJS.Timeout;
}

/**
 * Answers by idempotency key: a repeat gets the first answer, a twin that comes while the work is going on waits for
 * it. Failures are forgotten, so that a repeat tries again. Keeps the last `size` answers.
 */
export class SharedAnswers<Answer> {
  private readonly executions = new Map<string, Execution<Answer>>();

  constructor(
    private readonly size: number,
    private readonly orphanMs = ORPHAN_MS,
  ) {}

  /** A repeat begins anew. */
  forget(key: string): void {
    this.executions.delete(key);
  }

  find(key: string): { fingerprint: string } | undefined {
    return this.executions.get(key);
  }

  /** Starts `work`, or joins it; `left` aborts when this caller no longer waits. `hear` is told what it says from now on. */
  async answer(
    key: string,
    fingerprint: string,
    left: AbortSignal,
    work: (abandoned: AbortSignal, say: Hear) => Promise<Answer>,
    hear: Hear = () => undefined,
  ): Promise<Answer> {
    const known = this.executions.get(key);
    known?.hearers.add(hear);
    const execution = known ?? this.start(key, fingerprint, work, hear);
    execution.waiting += 1;
    clearTimeout(execution.timer);
    const leave = () => {
      execution.hearers.delete(hear);
      execution.waiting -= 1;
      if (execution.waiting > 0 || execution.done) return;
      execution.timer = setTimeout(() => execution.abandon.abort(new Error('nobody waits')), this.orphanMs).unref();
    };
    left.addEventListener('abort', leave, { once: true });
    try {
      return await execution.answer;
    } finally {
      left.removeEventListener('abort', leave);
      execution.hearers.delete(hear);
    }
  }

  private start(
    key: string,
    fingerprint: string,
    work: (abandoned: AbortSignal, say: Hear) => Promise<Answer>,
    first: Hear,
  ) {
    const abandon = new AbortController();
    const hearers = new Set([first]);
    const answer = work(abandon.signal, (said) => hearers.forEach((hear) => hear(said)));
    const execution: Execution<Answer> = { hearers, fingerprint, answer, done: false, waiting: 0, abandon };
    this.executions.set(key, execution);
    const finish = () => {
      execution.done = true;
      clearTimeout(execution.timer);
    };
    answer.then(
      () => {
        finish();
        this.forgetOldest();
      },
      () => {
        finish();
        this.executions.delete(key);
      },
    );
    return execution;
  }

  private forgetOldest(): void {
    for (const [key, { done }] of this.executions) {
      if (this.executions.size <= this.size) return;
      if (done) this.executions.delete(key);
    }
  }
}
