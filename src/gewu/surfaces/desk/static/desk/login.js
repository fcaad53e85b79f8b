// The demonstration's logins fill the form; nothing is sent until somebody presses "Log in".
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-login]");
  if (!button) return;
  document.getElementById("login").value = button.dataset.login;
  document.getElementById("password").value = button.dataset.password;
  document.querySelector(".login button").focus();
  window.scrollTo({ top: 0 });
});
