import { setImmediate, setTimeout } from 'node:timers/promises';

interface Asking<Question, Answer> {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

const MAX_QUESTIONS = 500;

/**
 * Those of this process that ask about the same are answered together, one batch after the other: they share a
 * transaction, and whoever waits for its lock is one. `answer` gives an answer for each question, in their order. The
 * first of a batch waits `gatherMs` for others, where nobody is in a hurry; else those that ask in the same moment.
 */
export class AskTogether<Question, Answer> {
  private readonly queues = new Map<string, Asking<Question, Answer>[]>();

  constructor(
    private readonly answer: (about: string, questions: Question[]) => Promise<Answer[]>,
    private readonly gatherMs = 0,
  ) {}

  /** Fails as `answer` does. */
  ask(about: string, question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asking = { question, resolve, reject };
      const queue = this.queues.get(about);
      if (queue) return void queue.push(asking);
      this.queues.set(about, [asking]);
      void this.serve(about);
    });
  }

  private async serve(about: string): Promise<void> {
    await (this.gatherMs > 0 ? setTimeout(this.gatherMs) : setImmediate());
    const queue = this.queues.get(about) ?? [];
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_QUESTIONS);
      try {
        const questions = batch.map(({ question }) => question);
        const answers = await this.answer(about, questions);
        batch.forEach(({ resolve }, place) => resolve(answers[place] as Answer));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.queues.delete(about);
  }
}
