-- Lists of observations by score, by age and by what is due read a stretch of an
-- index each, in the order of package observation, and sort nothing.
create index observations_score on observations ((-score), doc);
create index observations_age on observations (found_at, doc);
create index observations_by_due on observations ((case when closed or due_at = 0 then 9000000000000000 else due_at end), doc);
