/*
 * text_ar.c
 *		The words of the pages in Arabic.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_ar =
{.tag = "ar",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "تسجيل الدخول",
		[OAUTH_TEXT_CONTINUE_TO] = "للمتابعة إلى {application}",
		[OAUTH_TEXT_LOG_IN] = "تسجيل الدخول",
		[OAUTH_TEXT_USERNAME] = "اسم المستخدم",
		[OAUTH_TEXT_PASSWORD] = "كلمة المرور",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "هل نسيت كلمة المرور؟",
		[OAUTH_TEXT_SIGN_UP] = "إنشاء حساب",
		[OAUTH_TEXT_HELP] = "مساعدة",
		[OAUTH_TEXT_WRONG_PASSWORD] = "اسم المستخدم أو كلمة المرور غير صحيحة.",
		[OAUTH_TEXT_LOGOUT] = "تسجيل الخروج",
		[OAUTH_TEXT_LOGGED_OUT] = "تم تسجيل خروجك.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "تم تسجيل دخولك باسم",
		[OAUTH_TEXT_NOT_YOU] = "ليس أنت؟",
		[OAUTH_TEXT_SWITCH] = "استخدام حساب آخر",
		[OAUTH_TEXT_CONSENT] = "هل تسمح بالوصول؟",
		[OAUTH_TEXT_WANTS] = "يطلب الإذن بما يلي:",
		[OAUTH_TEXT_ABOUT] = "حول هذا التطبيق",
		[OAUTH_TEXT_POLICY] = "سياسة الخصوصية",
		[OAUTH_TEXT_TERMS] = "شروط الخدمة",
		[OAUTH_TEXT_ALLOW] = "السماح",
		[OAUTH_TEXT_DENY] = "الرفض",
		[OAUTH_TEXT_GOES_TO] = "ستعود بعد ذلك إلى",
		[OAUTH_TEXT_GO_ON] = "متابعة",
		[OAUTH_TEXT_DENIED] = "تم رفض الوصول.",
		[OAUTH_TEXT_DENIED_TOLD] = "لم يحصل التطبيق على أي شيء. يمكنك إغلاق هذه الصفحة.",
		[OAUTH_TEXT_CODE] = "خطوة أخيرة",
		[OAUTH_TEXT_CODE_TOLD] = "اكتب هذا الرمز في التطبيق:",
		[OAUTH_TEXT_ACCOUNT] = "حسابك",
		[OAUTH_TEXT_APPLICATIONS] = "التطبيقات المتصلة",
		[OAUTH_TEXT_NO_APPLICATIONS] = "لا يملك أي تطبيق حق الوصول إلى حسابك.",
		[OAUTH_TEXT_LAST_USED] = "آخر رمز وصول تم الحصول عليه:",
		[OAUTH_TEXT_REVOKE] = "إزالة الوصول",
		[OAUTH_TEXT_REVOKED] = "تمت إزالة الوصول.",
		[OAUTH_TEXT_SESSIONS] = "أماكن تسجيل دخولك",
		[OAUTH_TEXT_THIS_BROWSER] = "هذا المتصفح",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "متصفح غير معروف",
		[OAUTH_TEXT_LOGGED_IN_AT] = "وقت تسجيل الدخول:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "تسجيل الخروج من كل مكان",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "تم تسجيل خروجك من جميع المتصفحات.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "تغيير كلمة المرور",
		[OAUTH_TEXT_OLD_PASSWORD] = "كلمة المرور الحالية",
		[OAUTH_TEXT_NEW_PASSWORD] = "كلمة المرور الجديدة",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "تم تغيير كلمة المرور، وتم تسجيل الخروج من جميع التطبيقات "
		"والمتصفحات.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "تتكون كلمة المرور من 8 أحرف على الأقل و72 بايت على "
		"الأكثر.",
		[OAUTH_TEXT_ERROR] = "لم تنجح العملية",
		[OAUTH_TEXT_ERROR_TOLD] = "أرسل التطبيق طلبًا لا يمكن الرد عليه. ارجع إليه وابدأ من جديد.",
		[OAUTH_TEXT_STALE] = "بقيت هذه الصفحة مفتوحة مدة طويلة، أو تخص عملية دخول أخرى. حاول مرة "
		"أخرى.",
		[OAUTH_TEXT_NO_COOKIE] = "لم يرسل متصفحك ملف تعريف الارتباط الخاص بهذه الصفحة. اسمح "
		"بملفات تعريف الارتباط لهذا الموقع ثم تابع.",
		[OAUTH_TEXT_DEVICE] = "ربط جهاز",
		[OAUTH_TEXT_DEVICE_TOLD] = "اكتب الرمز الذي يعرضه الجهاز.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "هل يعرض أحد أجهزتك هذا الرمز بعينه؟ إذا لم تكن أنت من بدأ "
		"ذلك، فأغلق الصفحة.",
		[OAUTH_TEXT_USER_CODE] = "الرمز الظاهر على الجهاز",
		[OAUTH_TEXT_WRONG_USER_CODE] = "لا يوجد جهاز ينتظر بهذا الرمز. ربما انتهت صلاحيته: ابدأ "
		"من جديد على الجهاز.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "محاولات فاشلة كثيرة جدًا. انتظر قليلًا ثم حاول مرة أخرى.",
		[OAUTH_TEXT_DEVICE_DONE] = "تم ربط الجهاز",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "ارجع إلى الجهاز، وسيتابع بعد لحظات.",
}};
