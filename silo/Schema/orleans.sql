-- What Orleans' ADO.NET providers need of a database: membership, grain state, reminders, and the statements by which they use them.
-- Everything lies in the schema orleans, which the connections' search path names. The script may be run any number of times; see OrleansSchema.cs.
-- The providers prescribe the table OrleansQuery, the keys in it, the statements' parameters and the columns that come back. All else is this program's.
-- A provider reads "it did not apply" from an answer of false, or of no row: a statement of a single command is enough where others would need a procedure.

CREATE TABLE IF NOT EXISTS orleans.OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);

-- One row a cluster. Whoever changes its membership raises the number, and may only if it is still the one that was read: changes thus come one after another.
CREATE TABLE IF NOT EXISTS orleans.cluster_version (cluster text PRIMARY KEY, version int NOT NULL DEFAULT 0);

-- One row a silo's life. A silo that is started anew at its address has another generation.
CREATE TABLE IF NOT EXISTS orleans.silo (
    cluster text REFERENCES orleans.cluster_version ON DELETE CASCADE,
    address text,
    port int,
    generation int,
    name text NOT NULL,
    host text NOT NULL,
    status int NOT NULL,
    gateway int NOT NULL,
    suspicions text,
    started timestamptz NOT NULL,
    alive timestamptz NOT NULL,
    PRIMARY KEY (cluster, address, port, generation));

-- A grain's key is two numbers (0 where it is a text) and a text ('' where it is a number). A state that was cleared keeps its row and version, without content.
CREATE TABLE IF NOT EXISTS orleans.grain_state (
    service text,
    grain_type text,
    key_text text,
    key_high bigint,
    key_low bigint,
    version int NOT NULL,
    content bytea,
    changed timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service, grain_type, key_text, key_high, key_low));

CREATE TABLE IF NOT EXISTS orleans.reminder (
    service text,
    grain text,
    name text,
    hash int NOT NULL,
    starts timestamptz NOT NULL,
    period bigint NOT NULL,
    version int NOT NULL,
    PRIMARY KEY (service, grain, name));

CREATE INDEX IF NOT EXISTS reminder_by_hash ON orleans.reminder (service, hash);

INSERT INTO orleans.OrleansQuery AS known (QueryKey, QueryText) VALUES

-- Membership

('InsertMembershipVersionKey', $$
WITH added AS (INSERT INTO orleans.cluster_version (cluster) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
SELECT EXISTS (SELECT FROM added)
$$),

-- The row of the version is locked by its update: of two changes at once the second one waits, then finds another version, and does nothing.
('InsertMembershipKey', $$
WITH raised AS (
    UPDATE orleans.cluster_version v SET version = version + 1
    WHERE cluster = @DeploymentId AND version = @Version
      AND NOT EXISTS (SELECT FROM orleans.silo s WHERE (s.cluster, s.address, s.port, s.generation) = (v.cluster, @Address, @Port, @Generation))
    RETURNING cluster),
added AS (
    INSERT INTO orleans.silo (cluster, address, port, generation, name, host, status, gateway, started, alive)
    SELECT cluster, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
    RETURNING 1)
SELECT EXISTS (SELECT FROM added)
$$),

('UpdateMembershipKey', $$
WITH raised AS (
    UPDATE orleans.cluster_version v SET version = version + 1
    WHERE cluster = @DeploymentId AND version = @Version
      AND EXISTS (SELECT FROM orleans.silo s WHERE (s.cluster, s.address, s.port, s.generation) = (v.cluster, @Address, @Port, @Generation))
    RETURNING cluster),
changed AS (
    UPDATE orleans.silo s SET status = @Status, suspicions = @SuspectTimes, alive = @IAmAliveTime
    FROM raised WHERE (s.cluster, s.address, s.port, s.generation) = (raised.cluster, @Address, @Port, @Generation)
    RETURNING 1)
SELECT EXISTS (SELECT FROM changed)
$$),

-- A sign of life changes nothing that others decide by, so it leaves the version alone.
('UpdateIAmAlivetimeKey', $$
UPDATE orleans.silo SET alive = @IAmAliveTime WHERE (cluster, address, port, generation) = (@DeploymentId, @Address, @Port, @Generation)
$$),

-- One row at least: a cluster without silos still has a version, which stands alone in its row.
('MembershipReadRowKey', $$
SELECT v.version AS Version, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName, s.status AS Status,
    s.gateway AS ProxyPort, s.suspicions AS SuspectTimes, s.started AS StartTime, s.alive AS IAmAliveTime
FROM orleans.cluster_version v
LEFT JOIN orleans.silo s ON s.cluster = v.cluster AND (s.address, s.port, s.generation) = (@Address, @Port, @Generation)
WHERE v.cluster = @DeploymentId
$$),

('MembershipReadAllKey', $$
SELECT v.version AS Version, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName, s.status AS Status,
    s.gateway AS ProxyPort, s.suspicions AS SuspectTimes, s.started AS StartTime, s.alive AS IAmAliveTime
FROM orleans.cluster_version v
LEFT JOIN orleans.silo s ON s.cluster = v.cluster
WHERE v.cluster = @DeploymentId
$$),

('GatewaysQueryKey', $$
SELECT address AS Address, gateway AS ProxyPort, generation AS Generation FROM orleans.silo WHERE cluster = @DeploymentId AND status = @Status AND gateway > 0
$$),

('DeleteMembershipTableEntriesKey', $$
DELETE FROM orleans.cluster_version WHERE cluster = @DeploymentId
$$),

-- 6 is dead: the others may still come back to their rows.
('CleanupDefunctSiloEntriesKey', $$
DELETE FROM orleans.silo WHERE cluster = @DeploymentId AND status = 6 AND alive < @IAmAliveTime
$$),

-- Grain state. The hashes that come along are for tables that are searched by them; here the key itself is.

('ReadFromStorageKey', $$
SELECT version AS Version, content AS PayloadBinary FROM orleans.grain_state
WHERE (service, grain_type, key_text, key_high, key_low) = (@ServiceId, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1)
$$),

-- Without a version the state must be new, with one it must be the state of that version: two commands, of which one at most does something.
('WriteToStorageKey', $$
WITH added AS (
    INSERT INTO orleans.grain_state (service, grain_type, key_text, key_high, key_low, version, content)
    SELECT @ServiceId, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1, 1, @PayloadBinary WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version),
changed AS (
    UPDATE orleans.grain_state SET version = version + 1, content = @PayloadBinary, changed = now()
    WHERE (service, grain_type, key_text, key_high, key_low) = (@ServiceId, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1)
      AND version = @GrainStateVersion
    RETURNING version)
SELECT version AS NewGrainStateVersion FROM added UNION ALL SELECT version FROM changed
$$),

('ClearStorageKey', $$
UPDATE orleans.grain_state SET version = version + 1, content = NULL, changed = now()
WHERE (service, grain_type, key_text, key_high, key_low) = (@ServiceId, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1)
  AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
$$),

('DeleteStorageKey', $$
DELETE FROM orleans.grain_state
WHERE (service, grain_type, key_text, key_high, key_low) = (@ServiceId, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1)
  AND version = @GrainStateVersion
RETURNING version + 1 AS NewGrainStateVersion
$$),

-- Reminders

('UpsertReminderRowKey', $$
INSERT INTO orleans.reminder AS old (service, grain, name, hash, starts, period, version)
VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, 1)
ON CONFLICT (service, grain, name) DO UPDATE SET hash = excluded.hash, starts = excluded.starts, period = excluded.period, version = old.version + 1
RETURNING version AS Version
$$),

('ReadReminderRowKey', $$
SELECT grain AS GrainId, name AS ReminderName, starts AS StartTime, period AS Period, version AS Version FROM orleans.reminder
WHERE (service, grain, name) = (@ServiceId, @GrainId, @ReminderName)
$$),

('ReadReminderRowsKey', $$
SELECT grain AS GrainId, name AS ReminderName, starts AS StartTime, period AS Period, version AS Version FROM orleans.reminder
WHERE service = @ServiceId AND grain = @GrainId
$$),

-- The ring of hashes is cut where signed numbers are: an arc (begin, end] either lies between the two, or goes round over the cut.
('ReadRangeRows1Key', $$
SELECT grain AS GrainId, name AS ReminderName, starts AS StartTime, period AS Period, version AS Version FROM orleans.reminder
WHERE service = @ServiceId AND hash > @BeginHash AND hash <= @EndHash
$$),

('ReadRangeRows2Key', $$
SELECT grain AS GrainId, name AS ReminderName, starts AS StartTime, period AS Period, version AS Version FROM orleans.reminder
WHERE service = @ServiceId AND (hash > @BeginHash OR hash <= @EndHash)
$$),

('DeleteReminderRowKey', $$
WITH gone AS (DELETE FROM orleans.reminder WHERE (service, grain, name) = (@ServiceId, @GrainId, @ReminderName) AND version = @Version RETURNING 1)
SELECT EXISTS (SELECT FROM gone)
$$),

('DeleteReminderRowsKey', $$
DELETE FROM orleans.reminder WHERE service = @ServiceId
$$)

ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE known.QueryText <> excluded.QueryText;
