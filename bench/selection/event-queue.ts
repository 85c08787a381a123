/** What happens next, by time; a binary heap. */
export class EventQueue<Event> {
  private readonly heap: { at: number; event: Event }[] = [];

  add(at: number, event: Event): void {
    const { heap } = this;
    let place = heap.push({ at, event }) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.at(above) <= at) break;
      this.swap(above, place);
      place = above;
    }
  }

  next(): { at: number; event: Event } | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    heap[0] = last;
    for (let place = 0; ;) {
      let below = 2 * place + 1;
      if (below >= heap.length) return first;
      if (below + 1 < heap.length && this.at(below + 1) < this.at(below)) below += 1;
      if (this.at(place) <= this.at(below)) return first;
      this.swap(place, below);
      place = below;
    }
  }

  private at(place: number): number {
    return this.heap[place]?.at ?? Number.POSITIVE_INFINITY;
  }

  private swap(one: number, other: number): void {
    const { heap } = this;
    [heap[one], heap[other]] = [heap[other] as (typeof heap)[number], heap[one] as (typeof heap)[number]];
  }
}
