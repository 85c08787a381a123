import type { ApprovalVerdict } from '../contracts/approval-activities.js';
import type { Json } from '../contracts/json.js';
import type { LaterAnswerNotice } from '../contracts/run-signals.js';

/** What a person asked of a run, until the workflow has been told. Delivered at least once. */
export type SteeringRequest = { id: string } & (
  | { kind: 'cancel' | 'pause' | 'resume' }
  | { kind: 'signal'; name: string; data: Json }
  | { kind: 'approval'; verdict: ApprovalVerdict }
  | { kind: 'answer'; notice: LaterAnswerNotice }
);
export type SteeringKind = Exclude<SteeringRequest['kind'], 'approval' | 'answer'>;
