-- The second wall, as of 0050, around the counts: nobody but the house itself reads
-- those of all cases.
alter table recurrence_sums enable row level security;
alter table recurrence_sums force row level security;
create policy seen on recurrence_sums for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff')));
create policy made on recurrence_sums for insert with check (true);
create policy changed on recurrence_sums for update using (true);
create policy removed on recurrence_sums for delete using (true);

alter table proposals enable row level security;
alter table proposals force row level security;
create policy seen on proposals for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff')));
create policy made on proposals for insert with check (true);
create policy changed on proposals for update using (true);
create policy removed on proposals for delete using (true);
