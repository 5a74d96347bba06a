-- Plans are made for the values at hand: a generic one cannot know whether a filter passes one row or all.
-- Compiling expressions costs more than it saves on statements of some milliseconds.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL plan_cache_mode = force_custom_plan;
SET LOCAL jit = off;
SET LOCAL statement_timeout = '30s';
