-- Differs once anything that people say of delivery differs: a sum over what is on disk, so that
-- neither a merge nor the clock of who writes makes a difference.
SELECT
    (SELECT sum(cityHash64(*)) FROM silences FINAL),
    (SELECT sum(cityHash64(*)) FROM acknowledgements FINAL),
    (SELECT sum(cityHash64(*)) FROM resends FINAL),
    (SELECT sum(cityHash64(*)) FROM endpoints FINAL),
    (SELECT sum(cityHash64(*)) FROM verdicts FINAL)
