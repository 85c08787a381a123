interface Queryable {
  query(sql: string): Promise<{ rows: { role: string; bypasses: boolean }[] }>;
}

/** A superuser, or a role with BYPASSRLS, would see every organisation's rows: nothing may run as one. */
export async function refuseSuperuser(client: Queryable): Promise<void> {
  const { rows } = await client.query(
    `SELECT rolname AS role, rolsuper OR rolbypassrls AS bypasses FROM pg_roles WHERE rolname = current_user`,
  );
  if (rows[0]?.bypasses !== false) {
    throw new Error(
      `The database role ${rows[0]?.role ?? '?'} bypasses row-level security: use brikk_app (DATABASE_APP_URL), not a superuser.`,
    );
  }
}
