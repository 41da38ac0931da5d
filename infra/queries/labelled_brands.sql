-- Brands some posts of which were labelled so that the share is known more closely.
SELECT DISTINCT toString(brand) FROM share_labels FINAL WHERE label != ''
