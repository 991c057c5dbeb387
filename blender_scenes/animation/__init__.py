"""The model's own actions, and the pose at an instant."""
