-- $1 how long to wait for the site. A plan made for one row picks nested loops for 100,000: each set gets its own. And where
-- plans are shut out by their cost (PostgreSQL up to 17), compiling what looks so costly takes longer than all the rest.
-- A process that was halted, or cut off by its network, lets go of the site after a while.
SELECT set_config('lock_timeout', $1, true), set_config('plan_cache_mode', 'force_custom_plan', true),
  set_config('jit', 'off', true), set_config('idle_in_transaction_session_timeout', '60s', true)
