-- What a leader chose waits for somebody who approves it or sends it back.
alter table candidates add column state text not null default 'candidate'; -- candidate, returned, approved
alter table candidates add column approved text not null default '';       -- the title of the risk as it was approved
create index candidates_risk on candidates (risk, ended_at);
