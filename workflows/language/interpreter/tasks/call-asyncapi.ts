import { patched } from '@temporalio/workflow';
import type { AsyncApiArguments } from '../../../../contracts/definition-calls.js';
import type { CloudEvent } from '../../../../contracts/event-bus.js';
import type { Json, SchemaDocument } from '../../../../contracts/json.js';
import type { Consumption } from '../../../../contracts/language-activities.js';
import type { Value } from '../../../../contracts/values.js';
import { variablesOf } from '../../../lib/evaluator.js';
import { elements, inline, plain } from '../../../lib/values.js';
import { below, valueAt } from '../../json-pointer.js';
import { authenticationIn, policyOf } from '../authentication.js';
import { addressOf, callPartsOf } from '../call-parts.js';
import { performEach } from '../event-iterator.js';
import { checkSchema } from '../check-schema.js';
import { isTrue, readDuration } from '../expressions.js';
import { fault, Halt } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import { makeServerCall, TIMEOUT_MS } from '../make-call.js';
import type { TaskEnd, TaskPlace } from '../place.js';
import { fieldProgram } from '../template-program.js';

type Subscription = NonNullable<AsyncApiArguments['subscription']>;

/**
 * `call: asyncapi`: a message published to a channel, which is the output; or the messages consumed from one, as
 * `{payload, headers, correlationId}`, or what `foreach` makes of each until it leads to the end of the run.
 */
export async function callAsyncApi(
  run: Interpretation,
  place: TaskPlace,
  { with: given }: { with: AsyncApiArguments },
  input: Value,
): Promise<TaskEnd> {
  const { document, operation, channel, server, protocol, message, subscription, authentication } = given;
  const uri = await addressOf(run, place, document.endpoint, input);
  const policy = policyOf(run, place, authentication);
  const templates = {
    request: { message: message ?? {}, variables: server?.variables ?? {} } as Json,
    authentication: policy,
    document: policyOf(run, place, authenticationIn(document.endpoint)),
    named: { operation, channel, server: server?.name },
  };
  const consume = subscription && (await consumptionOf(run, place, subscription, input));
  const answer = await makeServerCall(run, place, {
    request: {
      kind: 'asyncapi',
      document: uri,
      ...(operation !== undefined && { operation }),
      ...(channel !== undefined && { channel }),
      ...(server && { server: server.name }),
      ...(protocol !== undefined && { protocol }),
      ...(consume && { consume }),
    },
    parts: await callPartsOf(run, place, templates, input),
    ...(consume?.forMs !== undefined && { timeoutMs: consume.forMs + TIMEOUT_MS }),
  });
  if (!subscription) return { output: answer };
  const messages = elements(answer);
  const consumer = new Consumer(run, place, subscription, input);
  if (!messages) await consumer.hear(plain(answer) as unknown as InProcess | undefined, consume?.forMs);
  else await consumer.takeAll(messages);
  return consumer.end;
}

async function consumptionOf(
  run: Interpretation,
  place: TaskPlace,
  { filter, consume: { for: during, amount, while: goesOn, until } }: Subscription,
  input: Value,
): Promise<Consumption> {
  const known = bodyVariables(run, place);
  const programs = Object.fromEntries(
    Object.entries({ filter, while: goesOn, until }).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, fieldProgram(text)]],
    ),
  );
  return {
    ...programs,
    ...(amount !== undefined && { amount }),
    ...(during !== undefined && { forMs: Math.max(1, await readDuration(place, during, input, known)) }),
    variables: variablesOf(Object.values(programs).join(' '), known),
  };
}

/** A channel inside of the installation, which the run has subscribed to. */
interface InProcess {
  type: string;
  schema?: SchemaDocument;
  /** JSON pointer in a message. */
  correlation?: string;
}

class Consumer {
  private readonly taken: Value[] = [];
  /** Its tasks led to the end of the run. */
  private hasEnded = false;

  constructor(
    private readonly run: Interpretation,
    private readonly place: TaskPlace,
    private readonly subscription: Subscription,
    private readonly input: Value,
  ) {}

  get end(): TaskEnd {
    return { output: { list: this.taken }, ...(this.hasEnded && { then: 'end' }) };
  }

  /** Of an answer, read with `$context` as it was before: what the messages make of it counts here. */
  async takeAll(messages: readonly Value[]): Promise<void> {
    const { foreach, filter, consume } = this.subscription;
    const { while: goesOn, until } = consume;
    const readsContext = [filter, goesOn, until].some((text) => text?.includes('$context'));
    const again = foreach !== undefined && readsContext && patched('2026-11-each-message');
    for (const message of messages) {
      if (again && (await this.holds(filter, message)) === false) continue;
      if (again && (await this.holds(until, message)) === true) return;
      await this.take(message);
      if (this.hasEnded || (again && (await this.holds(goesOn, message)) === false)) return;
    }
  }

  private async take(message: Value): Promise<void> {
    const { foreach } = this.subscription;
    if (!foreach) {
      this.taken.push(message);
      return;
    }
    const pointer = below(this.place.pointer, 'with', 'subscription', 'foreach');
    const made = await performEach(this.run, this.place, foreach, { item: message, index: this.taken.length, pointer });
    this.taken.push(made.output);
    this.hasEnded = made.then === 'end';
  }

  /** Until the policy is fulfilled, or its time is over. */
  async hear(channel: InProcess | undefined, forMs: number | undefined): Promise<void> {
    const { place } = this;
    if (!channel) throw fault('configuration', place.pointer, { detail: 'the schema of the channel is too large' });
    const time = { isOver: false };
    const clock = place.ctx.newScope();
    if (forMs !== undefined)
      void place.ctx
        .branch(clock, false)
        .wait(forMs)
        .then(() => (time.isOver = true));
    try {
      await place.ctx.flush();
      await place.ctx.whileWaiting(() => this.hearUntil(channel, time));
    } finally {
      clock.stop('lost');
    }
  }

  private async hearUntil(channel: InProcess, time: { isOver: boolean }): Promise<void> {
    const { amount, while: goesOn } = this.subscription.consume;
    const { ctx } = this.place;
    let count = 0;
    while (amount === undefined || count < amount) {
      const message = await this.next(channel, time);
      if (ctx.stopped !== undefined) throw new Halt();
      if (!message) return;
      await checkSchema(
        this.run,
        this.place,
        channel.schema === undefined ? undefined : { document: channel.schema },
        message,
        'message',
      );
      await this.take(message);
      count += 1;
      if (this.hasEnded) return;
      if ((await this.holds(goesOn, message)) === false) return;
    }
  }

  /** The next message that passes the filter; none when the time is over, or `until` holds for it. */
  private async next({ type, correlation }: InProcess, time: { isOver: boolean }): Promise<Value | undefined> {
    const { filter, consume } = this.subscription;
    const { ctx } = this.place;
    let message: Value | undefined;
    let hasEnded = false;
    const event = await ctx.eventInbox.take(
      async (candidate) => {
        if (candidate.type !== type) return false;
        message = messageOf(candidate, correlation);
        if ((await this.holds(filter, message)) === false) return false;
        hasEnded = (await this.holds(consume.until, message)) === true;
        return !hasEnded;
      },
      () => hasEnded || time.isOver || ctx.stopped !== undefined,
    );
    return event && message;
  }

  private holds(condition: string | undefined, message: Value): Promise<boolean | undefined> {
    return isTrue(this.place, condition, message, bodyVariables(this.run, this.place));
  }
}

function messageOf({ data = null, headers }: CloudEvent, correlation: string | undefined): Value {
  const message: Json = { payload: data, ...(headers !== undefined && { headers }) };
  const correlationId = correlation === undefined ? undefined : valueAt(message, correlation);
  return inline({ ...message, ...(correlationId !== undefined && { correlationId }) });
}
