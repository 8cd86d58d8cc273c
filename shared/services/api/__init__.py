"""What the API answers, without the web: who may ask, how clients see photos, people and trainings."""
