"""Hand-over of charges: referral to another office, joinder and its end, reassignment of the responsible prosecutor."""
