/** How long work goes on for nobody, in case a repeat of the call comes to collect it. */
const ORPHAN_MS = 5_000;

interface Execution<Answer> {
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

  /** Starts `work`, or joins it; `left` aborts when this caller no longer waits. */
  async answer(
    key: string,
    fingerprint: string,
    left: AbortSignal,
    work: (abandoned: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const execution = this.executions.get(key) ?? this.start(key, fingerprint, work);
    execution.waiting += 1;
    clearTimeout(execution.timer);
    const leave = () => {
      execution.waiting -= 1;
      if (execution.waiting > 0 || execution.done) return;
      execution.timer = setTimeout(() => execution.abandon.abort(new Error('nobody waits')), this.orphanMs).unref();
    };
    left.addEventListener('abort', leave, { once: true });
    try {
      return await execution.answer;
    } finally {
      left.removeEventListener('abort', leave);
    }
  }

  private start(key: string, fingerprint: string, work: (abandoned: AbortSignal) => Promise<Answer>) {
    const abandon = new AbortController();
    const answer = work(abandon.signal);
    const execution: Execution<Answer> = { fingerprint, answer, done: false, waiting: 0, abandon };
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
