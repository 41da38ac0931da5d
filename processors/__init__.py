"""What happens to one post or a batch of posts: pure, no broker, database, clock or environment."""
