import { SetMetadata } from '@nestjs/common';
import type { Permission as PermissionName } from '../../../contracts/permissions.js';

export const ACCESS = 'brikk:access';
export type Access =
  | { kind: 'public' }
  /** Whoever holds the token in the path, which names one attempt of one call. */
  | { kind: 'callback' }
  /** Whoever signs as the webhook source in the path demands. */
  | { kind: 'delivery' }
  | { kind: 'permission'; permission: PermissionName; openOnLoopback: boolean; uncounted: boolean };

/** What the key must be allowed to do. Every route has this or `@Public`, or the API does not start. */
export const Permission = (
  permission: PermissionName,
  { openOnLoopback = false, uncounted = false }: { openOnLoopback?: boolean; uncounted?: boolean } = {},
) => SetMetadata<string, Access>(ACCESS, { kind: 'permission', permission, openOnLoopback, uncounted });

export const CallbackToken = () => SetMetadata<string, Access>(ACCESS, { kind: 'callback' });

export const SignedDelivery = () => SetMetadata<string, Access>(ACCESS, { kind: 'delivery' });

export const Public = () => SetMetadata<string, Access>(ACCESS, { kind: 'public' });
